package annotations

import (
	"math"

	"github.com/emersion/go-imap/v2"
	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// CodeName says what a METADATA response code reports. The zero value is not
// valid.
//
// RFC 5464, section 5.
type CodeName string

// The METADATA response codes.
const (
	CodeLongEntries CodeName = "LONGENTRIES" // GETMETADATA left out values; the longest has Size octets
	CodeMaxSize     CodeName = "MAXSIZE"     // a value was too long; at most Size octets are accepted
	CodeTooMany     CodeName = "TOOMANY"     // there are too many annotations
	CodeNoPrivate   CodeName = "NOPRIVATE"   // private annotations are not supported there
)

// Code is a METADATA response code. The zero value is not valid.
//
// RFC 5464, sections 4.2.1 and 4.3.
type Code struct {
	Name CodeName
	Size uint32 // octets; with CodeLongEntries and CodeMaxSize, else 0
}

// codes has the response codes, and in the same order whether they have a size.
var (
	codes   = []CodeName{CodeLongEntries, CodeMaxSize, CodeTooMany, CodeNoPrivate}
	codeArg = map[CodeName]bool{CodeLongEntries: true, CodeMaxSize: true}
)

// ParseCode parses what is between "[" and "]" of a status response:
//
//	resp-text-code =/ "METADATA" SP "LONGENTRIES" SP number
//	                   ; new response codes for GETMETADATA
//	resp-text-code =/ "METADATA" SP ("MAXSIZE" SP number /
//	                                "TOOMANY" / "NOPRIVATE")
//	                   ; new response codes for SETMETADATA
//	                   ; failures
//
// RFC 5464, section 5. The error is a *[SyntaxError].
func ParseCode(s string) (Code, error) {
	p := newParser([]byte(s), nil)
	if err := p.command("METADATA"); err != nil {
		return Code{}, syntaxError(err)
	}
	i, err := p.Keyword(string(CodeLongEntries), string(CodeMaxSize), string(CodeTooMany), string(CodeNoPrivate))
	if err != nil {
		return Code{}, syntaxError(err)
	}
	c := Code{Name: codes[i]}
	if codeArg[c.Name] {
		if err = p.SP(); err == nil {
			c.Size, err = p.Number()
		}
	}
	if err == nil {
		err = p.End()
	}
	if err != nil {
		return Code{}, syntaxError(err)
	}
	return c, nil
}

// AppendText implements [encoding.TextAppender]. It fails with a *[SyntaxError]
// and b unchanged if c has no written form.
func (c Code) AppendText(b []byte) ([]byte, error) {
	sized, known := codeArg[c.Name], false
	for _, name := range codes {
		known = known || name == c.Name
	}
	if !known || !sized && c.Size != 0 {
		return b, &SyntaxError{Want: "METADATA response code", Section: section5464}
	}
	b = append(append(b, "METADATA "...), c.Name...)
	if sized {
		b = imapsyntax.AppendNumber(append(b, ' '), c.Size)
	}
	return b, nil
}

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (c Code) MarshalText() ([]byte, error) {
	return c.AppendText(nil)
}

// UnmarshalText implements [encoding.TextUnmarshaler] as [ParseCode] does. An
// error leaves c unchanged.
func (c *Code) UnmarshalText(text []byte) error {
	v, err := ParseCode(string(text))
	if err == nil {
		*c = v
	}
	return err
}

// String returns the written form, or Code("...") with the name if c has none.
func (c Code) String() string {
	b, err := c.AppendText(nil)
	if err != nil {
		return "Code(" + quote(string(c.Name)) + ")"
	}
	return string(b)
}

// ResponseCode returns c for the status responses of go-imap, and "" if c has no
// written form.
func (c Code) ResponseCode() imap.ResponseCode {
	b, err := c.AppendText(nil)
	if err != nil {
		return ""
	}
	return imap.ResponseCode(b)
}

// LongEntries returns the code for the OK that answers a GETMETADATA whose
// MAXSIZE excluded a value of size octets. What a number cannot hold is written
// as the greatest that it can.
//
// RFC 5464, section 4.2.1.
func LongEntries(size int) Code {
	return Code{Name: CodeLongEntries, Size: clampSize(int64(size))}
}

func clampSize(size int64) uint32 {
	return uint32(min(max(size, 0), math.MaxUint32))
}
