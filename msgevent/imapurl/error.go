package imapurl

import "fmt"

// SyntaxError says where and why a text is not a URL that [Parse] reads.
type SyntaxError struct {
	// Offset is where reading stopped, in octets from the start of the text.
	Offset int
	// Expected is what the grammar wants at Offset; "" if Unsupported is set.
	Expected string
	// Unsupported names the part of RFC 5092 at Offset that this package
	// recognises and does not read.
	Unsupported string
}

// Error implements the error interface.
func (e *SyntaxError) Error() string {
	if e.Unsupported != "" {
		return fmt.Sprintf("imapurl: offset %d: not supported: %s", e.Offset, e.Unsupported)
	}
	return fmt.Sprintf("imapurl: offset %d: expected %s", e.Offset, e.Expected)
}

// ValueError says why a [URL] has no text form.
type ValueError struct {
	// Field is the name of the field of URL.
	Field string
	// Expected is what the field should hold.
	Expected string
}

// Error implements the error interface.
func (e *ValueError) Error() string {
	return fmt.Sprintf("imapurl: field %s: expected %s", e.Field, e.Expected)
}

// Texts that both errors use.
const (
	wantText     = "valid UTF-8 without NUL"
	wantAuth     = `a mechanism name (an IMAP atom) or a bare "*"`
	wantNZNumber = "a number from 1 to 4294967295 without leading zeros"
)
