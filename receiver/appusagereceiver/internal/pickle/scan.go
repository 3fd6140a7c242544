// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"strings"
)

// The opcodes, by their names in Python's pickletools.
const (
	opProto           = 0x80
	opFrame           = 0x95
	opMemoize         = 0x94
	opPut             = 'p'
	opBinPut          = 'q'
	opLongBinPut      = 'r'
	opStop            = '.'
	opNone            = 'N'
	opNewTrue         = 0x88
	opNewFalse        = 0x89
	opInt             = 'I'
	opBinInt          = 'J'
	opBinInt1         = 'K'
	opBinInt2         = 'M'
	opLong            = 'L'
	opLong1           = 0x8a
	opFloat           = 'F'
	opBinFloat        = 'G'
	opUnicode         = 'V'
	opShortBinUnicode = 0x8c
	opBinUnicode      = 'X'
	opBinUnicode8     = 0x8d
)

// maxLong is the longest integer in bytes that is taken: nine hold each of 64 bits and its sign.
const maxLong = 9

// maxDigits is the longest line that is taken for a number.
const maxDigits = 32

// scan lets one shape through: PROTO and FRAME at most once, one scalar, its entry in
// the memo at most once, STOP, and nothing behind it.
func scan(data []byte) (any, error) {
	if len(data) > MaxBytes {
		return nil, ErrRefused
	}
	value, rest, err := leading(data)
	if err == nil && len(rest) > 0 {
		return nil, ErrRefused
	}
	return value, err
}

// leading scans the pickle that data begins with.
func leading(data []byte) (value any, rest []byte, err error) {
	s := scanner{data}
	if s.at(opProto) {
		if version, ok := s.take(2); !ok || version[1] > 5 {
			return nil, nil, ErrDamaged
		}
	}
	end := -1 // of the frame, counted from the end of data
	if s.at(opFrame) {
		frame, ok := s.take(9)
		if !ok || binary.LittleEndian.Uint64(frame[1:]) > uint64(len(s.rest)) {
			return nil, nil, ErrDamaged
		}
		end = len(s.rest) - int(binary.LittleEndian.Uint64(frame[1:]))
	}
	if value, err = s.scalar(); err != nil {
		return nil, nil, err
	}
	if err := s.memo(); err != nil {
		return nil, nil, err
	}
	if !s.at(opStop) {
		return nil, nil, s.refusal()
	}
	if rest = s.rest[1:]; end >= 0 && len(rest) != end {
		return nil, nil, ErrDamaged
	}
	return value, rest, nil
}

// scanner is what is left of a pickle.
type scanner struct{ rest []byte }

func (s *scanner) at(opcode byte) bool { return len(s.rest) > 0 && s.rest[0] == opcode }

func (s *scanner) take(n int) ([]byte, bool) {
	if n < 0 || n > len(s.rest) {
		return nil, false
	}
	taken := s.rest[:n]
	s.rest = s.rest[n:]
	return taken, true
}

// refusal tells an opcode that is not allowed from the lack of any.
func (s *scanner) refusal() error {
	if len(s.rest) == 0 {
		return ErrDamaged
	}
	return ErrRefused
}

func (s *scanner) scalar() (any, error) {
	if len(s.rest) == 0 {
		return nil, ErrDamaged
	}
	switch opcode := s.rest[0]; opcode {
	case opNone, opNewTrue, opNewFalse:
		return map[byte]any{opNone: nil, opNewTrue: true, opNewFalse: false}[opcode], s.skip(1)
	case opBinInt1, opBinInt2, opBinInt:
		return s.integer(map[byte]int{opBinInt1: 1, opBinInt2: 2, opBinInt: 4}[opcode])
	case opBinFloat:
		data, ok := s.take(9)
		if !ok {
			return nil, ErrDamaged
		}
		return math.Float64frombits(binary.BigEndian.Uint64(data[1:])), nil
	case opLong1:
		return s.long()
	case opShortBinUnicode:
		return s.counted(1)
	case opBinUnicode:
		return s.counted(4)
	case opBinUnicode8:
		return s.counted(8)
	case opInt, opLong, opFloat:
		line, err := s.line(maxDigits)
		if err != nil {
			return nil, err
		}
		return number(opcode, string(line))
	case opUnicode:
		return s.escaped()
	default:
		return nil, ErrRefused
	}
}

// integer reads one of a width; only that of four bytes has a sign.
func (s *scanner) integer(width int) (any, error) {
	data, ok := s.take(1 + width)
	if !ok {
		return nil, ErrDamaged
	}
	var all [4]byte
	copy(all[:], data[1:])
	n := binary.LittleEndian.Uint32(all[:])
	if width == 4 {
		return int64(int32(n)), nil
	}
	return int64(n), nil
}

// long reads an integer of as many bytes as are told, the lowest first, in two's complement.
func (s *scanner) long() (any, error) {
	head, ok := s.take(2)
	if !ok {
		return nil, ErrDamaged
	}
	if head[1] > maxLong {
		return nil, ErrRange
	}
	data, ok := s.take(int(head[1]))
	if !ok || len(data) == 0 {
		return nil, ErrDamaged
	}
	negative := data[len(data)-1] > 0x7f
	var all [maxLong]byte
	if negative {
		all = [maxLong]byte(bytes.Repeat([]byte{0xff}, maxLong))
	}
	copy(all[:], data)
	n := int64(binary.LittleEndian.Uint64(all[:8]))
	if (n < 0) != negative || all[8] != 0 && all[8] != 0xff {
		return nil, ErrRange
	}
	return n, nil
}

// number reads one of protocol 0, where 00 and 01 are booleans.
func number(opcode byte, line string) (any, error) {
	switch {
	case opcode == opFloat:
		value, err := strconv.ParseFloat(line, 64)
		if errors.Is(err, strconv.ErrRange) {
			return nil, ErrRange
		} else if err != nil {
			return nil, ErrDamaged
		}
		return value, nil
	case opcode == opInt && (line == "00" || line == "01"):
		return line == "01", nil
	case opcode == opLong:
		line = strings.TrimSuffix(line, "L")
	}
	value, err := strconv.ParseInt(line, 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		return nil, ErrRange
	} else if err != nil {
		return nil, ErrDamaged
	}
	return value, nil
}

func (s *scanner) memo() error {
	switch {
	case s.at(opMemoize):
		return s.skip(1)
	case s.at(opBinPut):
		return s.skip(2)
	case s.at(opLongBinPut):
		return s.skip(5)
	case s.at(opPut):
		line, err := s.line(maxDigits)
		if err != nil {
			return err
		}
		if _, err := strconv.ParseUint(string(line), 10, 32); err != nil {
			return ErrDamaged
		}
		return nil
	default:
		return nil
	}
}

func (s *scanner) skip(n int) error {
	if _, ok := s.take(n); !ok {
		return ErrDamaged
	}
	return nil
}

// counted reads a text: its length in width bytes, and as many bytes as that says.
func (s *scanner) counted(width int) (any, error) {
	head, ok := s.take(1 + width)
	if !ok {
		return nil, ErrDamaged
	}
	var length [8]byte
	copy(length[:], head[1:])
	n := binary.LittleEndian.Uint64(length[:])
	if n > uint64(len(s.rest)) {
		return nil, ErrDamaged
	}
	text, _ := s.take(int(n))
	return string(text), nil
}

// escaped reads a text of protocol 0, of which one with escapes is refused.
func (s *scanner) escaped() (any, error) {
	text, err := s.line(MaxBytes)
	if err != nil {
		return nil, err
	}
	for _, b := range text {
		if b >= 0x80 || b == '\\' {
			return nil, ErrRefused
		}
	}
	return string(text), nil
}

// line reads an opcode and its argument up to the end of the line.
func (s *scanner) line(limit int) ([]byte, error) {
	end := bytes.IndexByte(s.rest, '\n')
	switch {
	case end < 0:
		return nil, ErrDamaged
	case end > limit:
		return nil, ErrRange
	}
	line, _ := s.take(end + 1)
	return line[1:end], nil
}
