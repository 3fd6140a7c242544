// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pickle

import (
	"bytes"
	"encoding/binary"
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
// the memo at most once, STOP, and nothing behind it. It allocates nothing and runs nothing.
func scan(data []byte) error {
	if len(data) > MaxBytes {
		return ErrRefused
	}
	s := scanner{data}
	if s.at(opProto) {
		if version, ok := s.take(2); !ok || version[1] > 5 {
			return ErrDamaged
		}
	}
	if s.at(opFrame) {
		frame, ok := s.take(9)
		if !ok || binary.LittleEndian.Uint64(frame[1:]) != uint64(len(s.rest)) {
			return ErrDamaged
		}
	}
	if err := s.scalar(); err != nil {
		return err
	}
	if err := s.memo(); err != nil {
		return err
	}
	if !s.at(opStop) || len(s.rest) != 1 {
		return s.refusal()
	}
	return nil
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

func (s *scanner) scalar() error {
	if len(s.rest) == 0 {
		return ErrDamaged
	}
	switch s.rest[0] {
	case opNone, opNewTrue, opNewFalse:
		return s.skip(1)
	case opBinInt1:
		return s.skip(2)
	case opBinInt2:
		return s.skip(3)
	case opBinInt:
		return s.skip(5)
	case opBinFloat:
		return s.skip(9)
	case opLong1:
		if len(s.rest) > 1 && s.rest[1] == 0 {
			return ErrDamaged // the decoder would look for its sign
		}
		if len(s.rest) > 1 && s.rest[1] > maxLong {
			return ErrRange
		}
		return s.counted(1)
	case opShortBinUnicode:
		return s.counted(1)
	case opBinUnicode:
		return s.counted(4)
	case opBinUnicode8:
		return s.counted(8)
	case opInt, opLong, opFloat:
		_, err := s.line(maxDigits)
		return err
	case opUnicode:
		return s.escaped()
	default:
		return ErrRefused
	}
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
		_, err := s.line(maxDigits)
		return err
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

// counted skips an opcode, its length in width bytes, and as many bytes as that says.
func (s *scanner) counted(width int) error {
	head, ok := s.take(1 + width)
	if !ok {
		return ErrDamaged
	}
	var length [8]byte
	copy(length[:], head[1:])
	n := binary.LittleEndian.Uint64(length[:])
	if n > uint64(len(s.rest)) {
		return ErrDamaged
	}
	return s.skip(int(n))
}

// escaped skips a text of protocol 0, whose escapes the decoder does not know.
func (s *scanner) escaped() error {
	text, err := s.line(MaxBytes)
	if err != nil {
		return err
	}
	for _, b := range text {
		if b >= 0x80 || b == '\\' {
			return ErrRefused
		}
	}
	return nil
}

// line skips an opcode and its argument up to the end of the line.
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
