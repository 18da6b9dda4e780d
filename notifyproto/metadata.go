package notifyproto

import (
	"bytes"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// metadataResp parses what follows "METADATA" in
//
//	metadata-resp = "METADATA" SP mailbox SP
//	                (entry-values / entry-list)
//	                  ; empty string for mailbox implies
//	                  ; server annotation.
//	entry-values  = "(" entry-value *(SP entry-value) ")"
//	entry-list    = entry *(SP entry)
//	                  ; list of entries used in unsolicited
//	                  ; METADATA response
//
// RFC 5464, section 5.
func metadataResp(s *imapsyntax.Scanner) (Response, error) {
	if err := s.SP(); err != nil {
		return nil, err
	}
	var r Metadata
	var err error
	if r.Mailbox, err = mailbox(s); err != nil {
		return nil, err
	}
	if err := s.SP(); err != nil {
		return nil, err
	}
	if s.Peek() == '(' {
		err = s.List1(func() error {
			v, err := entryValue(s)
			r.Values = append(r.Values, v)
			return err
		})
		return r, err
	}
	for {
		e, err := entry(s)
		if err != nil {
			return nil, err
		}
		r.Entries = append(r.Entries, e)
		if !s.TryByte(' ') {
			return r, nil
		}
	}
}

// entryValue parses
//
//	entry-value = entry SP value
//	value       = nstring / literal8
//
// RFC 5464, section 5.
func entryValue(s *imapsyntax.Scanner) (v MetadataValue, err error) {
	if v.Entry, err = entry(s); err != nil {
		return v, err
	}
	if err := s.SP(); err != nil {
		return v, err
	}
	if startsWith(s, "~{") {
		data, err := s.Literal8()
		v.Value = append([]byte{}, data...)
		return v, err
	}
	value, ok, err := s.NString()
	if ok {
		v.Value = []byte(value)
	}
	return v, err
}

// entry parses
//
//	entry = astring
//	          ; slash-separated path to entry
//	          ; MUST NOT contain "*" or "%"
//
// RFC 5464, section 5. Its section 3.2 excludes control characters and 8-bit
// octets, too.
func entry(s *imapsyntax.Scanner) (string, error) {
	start := s.Pos()
	name, err := s.AString()
	if err != nil {
		return "", err
	}
	if badEntryOctet(name) >= 0 {
		return "", &SyntaxError{Offset: start, Want: "entry", Section: rfc5464}
	}
	return name, nil
}

// badEntryOctet returns the offset of the first octet of an entry's name that
// cannot be there; -1 if there is none.
func badEntryOctet(name string) int {
	if len(name) == 0 || name[0] != '/' {
		return 0
	}
	for i := range len(name) {
		if c := name[i]; c < ' ' || c > '~' || c == '*' || c == '%' {
			return i
		}
	}
	return -1
}

func appendEntry(b []byte, name string) ([]byte, error) {
	if i := badEntryOctet(name); i >= 0 {
		return b, &ValueError{Field: "Metadata entry", Offset: i, Want: "entry", Section: rfc5464}
	}
	b, err := imapsyntax.AppendAString(b, name, false)
	return b, valueError("Metadata entry", err)
}

// appendMetadata is the inverse of metadataResp. A value that cannot be quoted
// is written as a literal, or with NUL as a literal8.
func appendMetadata(b []byte, r Metadata, utf8 bool) ([]byte, error) {
	if len(r.Entries) > 0 == (len(r.Values) > 0) {
		return b, &ValueError{Field: "Metadata", Want: "either Entries or Values", Section: rfc5464}
	}
	b, err := imapsyntax.AppendMailbox(append(b, "* METADATA "...), r.Mailbox, utf8)
	if err != nil {
		return b, valueError("Metadata.Mailbox", err)
	}
	for _, name := range r.Entries {
		if b, err = appendEntry(append(b, ' '), name); err != nil {
			return b, err
		}
	}
	for i, v := range r.Values {
		if i == 0 {
			b = append(b, " ("...)
		} else {
			b = append(b, ' ')
		}
		if b, err = appendEntry(b, v.Entry); err != nil {
			return b, err
		}
		if b, err = appendMetadataValue(append(b, ' '), v.Value, utf8); err != nil {
			return b, valueError("MetadataValue.Value", err)
		}
	}
	if len(r.Values) > 0 {
		b = append(b, ')')
	}
	return b, nil
}

func appendMetadataValue(b, value []byte, utf8 bool) ([]byte, error) {
	if bytes.IndexByte(value, 0) >= 0 {
		return imapsyntax.AppendLiteral8(b, value, imapsyntax.SyncLiteral)
	}
	return imapsyntax.AppendNString(b, string(value), value != nil, utf8, imapsyntax.SyncLiteral)
}
