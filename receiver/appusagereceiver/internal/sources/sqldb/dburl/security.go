// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dburl

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Mode is how a connection is to be secured, from nothing to everything.
type Mode int

const (
	// Unsaid leaves it to the client.
	Unsaid Mode = iota
	// Off is a connection in plain text.
	Off
	// Preferred is TLS where the server has it.
	Preferred
	// Required is TLS with whatever certificate.
	Required
	// VerifyCA is TLS with a certificate of a known authority.
	VerifyCA
	// VerifyFull is that, and the certificate is the host's.
	VerifyFull
)

// Security is what a URL asks for.
type Security struct {
	Mode Mode
	// Authority, Certificate and Key name files of PEM; Authority may be "system" for PostgreSQL.
	Authority, Certificate, Key string
	KeyPassword                 string
	// MinVersion and MaxVersion are of TLS; 0 leaves them to the client.
	MinVersion, MaxVersion uint16
}

// words are what clients call the modes, as keyOf spells them.
var words = map[string]Mode{
	"disable": Off, "disabled": Off, "off": Off, "false": Off, "no": Off, "0": Off, "none": Off,
	"allow": Preferred, "prefer": Preferred, "preferred": Preferred,
	"require": Required, "required": Required, "noverify": Required, "skipverify": Required, "trust": Required, "acceptinvalidcerts": Required,
	"verifyca": VerifyCA, "verifyfull": VerifyFull, "verifyidentity": VerifyFull, "strict": VerifyFull,
}

// switches are options that are on or off, and the mode that each asks for when it is on, and when off.
var switches = map[string]struct{ on, off Mode }{
	"ssl": {VerifyFull, Off}, "tls": {VerifyFull, Off},
	"usessl": {Required, Off}, "requiressl": {Required, Unsaid}, "secure": {Required, Off}, "encrypt": {Required, Off}, "usetls": {Required, Off},
	"ssldisabled": {Off, Unsaid}, "verifyservercertificate": {VerifyCA, Unsaid}, "sslverifycert": {VerifyCA, Unsaid}, "sslverify": {VerifyCA, Unsaid},
	"sslverifyservercert": {VerifyFull, Unsaid}, "mysqlattrsslverifyservercert": {VerifyFull, Unsaid},
	"sslverifyidentity": {VerifyFull, Unsaid}, "sslcheckhostname": {VerifyFull, Unsaid}, "checkhostname": {VerifyFull, Unsaid},
	"rejectunauthorized": {VerifyFull, Required}, "sslrejectunauthorized": {VerifyFull, Required},
	"trustservercertificate": {Required, VerifyFull},
}

// suspect is in the name of whatever may ask for security.
var suspect = regexp.MustCompile(`ssl|tls|secur|crypt|verif|cert|cipher|trust|x509|keystore|fingerprint|plaintext|pkcs|^(server|root|client)?ca(file|path|bundle)?$|^pem(file)?$`)

// harmless only look as if they did; the last makes TLS no more than preferred, and what is demanded counts all the same.
var harmless = map[string]bool{"sslcompression": true, "sslsni": true, "sslkeylogfile": true, "allowfallbacktoplaintext": true}

// secured are values that ask for security whatever the option is called.
var secured = map[string]bool{"ssl": true, "tls": true, "https": true, "tcps": true}

// attribute is the number of one of PDO's attributes, among which are those of TLS.
var attribute = regexp.MustCompile(`^(\w*\[)?1[0-9]{3}\]?$`)

// mayAsk reports that an option that nobody understood may ask for security.
func mayAsk(o *option) bool {
	return suspect.MatchString(o.key) || secured[strings.ToLower(o.value)] || attribute.MatchString(o.name)
}

// Security takes the options that ask for it. What may do so and is not understood is an error,
// and so is what contradicts itself: a demand is never ignored.
func (u *URL) Security() (Security, error) {
	var s Security
	if name := u.misplaced(); name != "" {
		return Security{}, u.refusal(name, errors.New("it stands where no option begins: the first follows a ?, and each further one an &"))
	}
	off := ""
	for _, o := range u.options {
		if strings.Contains(o.value, "{") && o.key != "ssl" && o.key != "password" && suspect.MatchString(strings.ToLower(o.value)) {
			return Security{}, u.refusal(o.name, errors.New("what stands in an object is not read"))
		}
		if o.taken {
			continue
		}
		mode, understood, err := s.take(o)
		if err != nil || (!understood && mayAsk(o)) {
			return Security{}, u.refusal(o.name, err)
		}
		o.taken = understood
		if mode == Off {
			off = o.name
		}
		s.Mode = max(s.Mode, mode)
	}
	switch {
	case off != "" && (s.Mode > Preferred || s.Authority != "" || s.Certificate != ""):
		return Security{}, u.refusal(off, errors.New("another option asks for TLS: keep one"))
	case s.Mode == Unsaid && (s.Authority != "" || s.Certificate != ""):
		s.Mode = VerifyCA
		if s.Authority == "" {
			s.Mode = Required
		}
	case s.Mode == Unsaid && (s.MinVersion != 0 || s.MaxVersion != 0) && !u.Says("service"):
		s.Mode = Required // a version of TLS is asked for in vain where there is none
	}
	return s, s.checkFiles()
}

// hidden is what looks like an option within a name or a value.
var hidden = regexp.MustCompile(`[?&;#\s]\s*([A-Za-z][A-Za-z_.-]*)=`)

// misplaced is an option that asks for security and stands in the name of the database, or in another's value.
func (u *URL) misplaced() string {
	texts := []string{u.Database}
	if u.Kind == SQLite {
		texts = nil
	}
	for _, o := range u.options {
		texts = append(texts, o.value)
	}
	for _, text := range texts {
		for _, found := range hidden.FindAllStringSubmatch(text, -1) {
			if suspect.MatchString(keyOf(found[1])) {
				return found[1]
			}
		}
	}
	return ""
}

// take understands one option, or does not.
func (s *Security) take(o *option) (mode Mode, understood bool, err error) {
	if toggle, is := switches[o.key]; is {
		switch value := keyOf(o.value); {
		case value == "true" || value == "1" || value == "yes" || value == "on" || value == "":
			return toggle.on, true, nil
		case value == "false" || value == "0" || value == "no" || value == "off":
			return toggle.off, true, nil
		case strings.HasPrefix(strings.TrimSpace(o.value), "{") && o.key == "ssl":
			mode, err = ofObject(o.value)
			return mode, true, err
		}
		return ofWord(o.value)
	}
	switch o.key {
	case "sslmode", "sslaccept":
		return ofWord(o.value)
	case "flags", "clientflag", "clientflags":
		return ofFlags(o.value), false, nil
	case "readdefaultfile", "readdefaultgroup", "defaultsfile", "optionfiles":
		return 0, false, errors.New("what stands in that file is not read")
	case "sslfactory":
		if strings.HasSuffix(o.value, ".NonValidatingFactory") {
			return Required, true, nil
		}
		return 0, false, errors.New("its class cannot be used here")
	case "sslrootcert", "sslca", "sslcafile":
		s.Authority = o.value
	case "mysqlattrsslca":
		// PHP's client verifies the host's name too, where it has an authority.
		s.Authority, mode = o.value, VerifyFull
	case "sslcert", "mysqlattrsslcert":
		s.Certificate = o.value
	case "sslkey", "mysqlattrsslkey":
		s.Key = o.value
	case "sslpassword":
		s.KeyPassword = o.value
	case "sslminprotocolversion", "sslminversion", "tlsminversion", "tlsversion", "tlsversions", "enabledtlsprotocols", "enabledsslprotocolsuites":
		s.MinVersion, err = version(o.value)
		return 0, true, err
	case "sslmaxprotocolversion", "sslmaxversion", "tlsmaxversion":
		s.MaxVersion, err = version(o.value)
		return 0, true, err
	default:
		return 0, harmless[o.key], nil
	}
	if o.value == "" {
		return 0, false, errors.New("it is empty")
	}
	return mode, true, nil
}

// clientSSL is the flag of MySQL's protocol that asks for TLS.
const clientSSL = 1 << 11

// ofFlags finds what asks for TLS among the flags that clients of MySQL set.
func ofFlags(value string) Mode {
	for flag := range strings.FieldsFuncSeq(strings.ToUpper(value), func(r rune) bool { return strings.ContainsRune(", +|", r) }) {
		if bits, err := strconv.ParseUint(flag, 0, 64); flag == "SSL" || strings.HasSuffix(flag, "CLIENT_SSL") || (err == nil && bits&clientSSL != 0) {
			return Required
		}
	}
	return Unsaid
}

func ofWord(value string) (Mode, bool, error) {
	mode, known := words[strings.TrimPrefix(keyOf(value), "sslmode")]
	if !known {
		return 0, false, errors.New("its value is none that is known")
	}
	return mode, true, nil
}

// ofObject reads the JSON that node's clients take.
func ofObject(text string) (Mode, error) {
	var fields map[string]any
	if json.Unmarshal([]byte(text), &fields) != nil {
		return 0, errors.New("its value is no JSON object")
	}
	mode := VerifyFull
	for name, value := range fields {
		verify, isBool := value.(bool)
		if name != "rejectUnauthorized" || !isBool {
			return 0, errors.New("only rejectUnauthorized is understood in it")
		}
		if !verify {
			mode = Required
		}
	}
	return mode, nil
}

// version is the lowest of a list of TLS versions; those before 1.2 are not spoken anyway.
func version(text string) (lowest uint16, err error) {
	for one := range strings.SplitSeq(text, ",") {
		var v uint16
		switch strings.TrimPrefix(strings.TrimSpace(strings.ToLower(one)), "tls") {
		case "v1.3", "1.3":
			v = tls.VersionTLS13
		case "v1.2", "1.2", "v1", "v1.0", "v1.1", "1.0", "1.1":
			v = tls.VersionTLS12
		default:
			return 0, errors.New("write TLSv1.2 or TLSv1.3")
		}
		if lowest == 0 || v < lowest {
			lowest = v
		}
	}
	return lowest, nil
}

// refusal names the option, and what to write instead.
func (u *URL) refusal(name string, why error) error {
	instead := "sslmode=verify-full or sslmode=require, and sslrootcert=/path/to/ca.pem for an authority of your own"
	switch u.Kind {
	case MySQL:
		instead = "ssl-mode=VERIFY_IDENTITY or ssl-mode=REQUIRED, and ssl-ca=/path/to/ca.pem for an authority of your own"
	case SQLite:
		return fmt.Errorf("the option %s asks for an encrypted file, and only plain ones can be read", name)
	}
	if why == nil {
		why = errors.New("it is unknown here")
	}
	return fmt.Errorf("the option %s asks for security, and cannot be honoured (%w): write %s", name, why, instead)
}
