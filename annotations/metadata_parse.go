package annotations

import (
	"bytes"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// ParseGetMetadata parses a GETMETADATA command from its name on, without the
// tag and the final CRLF, literals inline. It takes what the grammar takes; see
// [GetMetadata.Validate] for the rules about names. The result does not alias
// b. The error is a *[SyntaxError], to which the answer is BAD.
//
// RFC 5464, section 4.2.
func ParseGetMetadata(b []byte, o *Options) (*GetMetadata, error) {
	p := newParser(b, o)
	c, err := p.getmetadata()
	if err == nil {
		err = p.End()
	}
	if err != nil {
		return nil, syntaxError(err)
	}
	return c, nil
}

// ParseSetMetadata parses a SETMETADATA command as [ParseGetMetadata] does the
// other one.
//
// RFC 5464, section 4.3.
func ParseSetMetadata(b []byte, o *Options) (*SetMetadata, error) {
	p := newParser(b, o)
	c, err := p.setmetadata()
	if err == nil {
		err = p.End()
	}
	if err != nil {
		return nil, syntaxError(err)
	}
	return c, nil
}

type parser struct {
	*imapsyntax.Scanner
	o Options
}

func newParser(b []byte, o *Options) *parser {
	p := &parser{Scanner: imapsyntax.NewScanner(b)}
	if o != nil {
		p.o = *o
	}
	p.UTF8 = p.o.UTF8
	return p
}

// command reads the name of a command and the space after it.
func (p *parser) command(name string) error {
	if _, err := p.Keyword(name); err != nil {
		return p.Fail(`"`+name+`"`, section5464)
	}
	return p.SP()
}

// getmetadata parses
//
//	getmetadata = "GETMETADATA" [SP getmetadata-options]
//	                                  SP mailbox SP entries
//	                ; empty string for mailbox implies
//	                ; server annotation.
//
// RFC 5464, section 5. Sections 4.2, 4.2.1 and 4.2.2 put the options after the
// mailbox; the errata put them where the grammar does.
func (p *parser) getmetadata() (*GetMetadata, error) {
	c := new(GetMetadata)
	if err := p.command("GETMETADATA"); err != nil {
		return nil, err
	}
	hasOptions := p.Peek() == '('
	if hasOptions {
		if err := p.getmetadataOptions(c); err != nil {
			return nil, err
		}
		if err := p.SP(); err != nil {
			return nil, err
		}
	}
	if p.o.Draft {
		if c.Entries = p.draftEntries(); c.Entries != nil {
			return c, nil
		}
	}
	var err error
	if c.Mailbox, err = p.Mailbox(); err != nil {
		return nil, err
	}
	if err := p.SP(); err != nil {
		return nil, err
	}
	if p.o.Draft {
		if c.Entries = p.draftEntries(); c.Entries != nil {
			return c, nil
		}
	}
	// QUIRK: imapclient of go-imap v2.0.0-beta.8, and whoever follows the
	// examples of RFC 5464, sections 4.2.1 and 4.2.2, sends the options after
	// the mailbox.
	if p.o.OptionsAfterMailbox && !hasOptions && p.Peek() == '(' {
		ahead := *p.Scanner
		var after GetMetadata
		if p.getmetadataOptions(&after) == nil && p.TryByte(' ') {
			c.MaxSize, c.Depth = after.MaxSize, after.Depth
		} else {
			*p.Scanner = ahead
		}
	}
	c.Entries, err = p.entries()
	return c, err
}

// getmetadataOptions parses
//
//	getmetadata-options = "(" getmetadata-option
//	                          *(SP getmetadata-option) ")"
//
// RFC 5464, section 5. An option that comes twice is refused.
func (p *parser) getmetadataOptions(c *GetMetadata) error {
	var seen [2]bool
	return p.List1(func() error {
		start := *p.Scanner
		i, err := p.getmetadataOption(c)
		if err == nil && seen[i] {
			*p.Scanner = start
			return p.Fail("another option", section5464)
		}
		seen[i] = true
		return err
	})
}

// getmetadataOption parses
//
//	getmetadata-option = tagged-ext-label [SP tagged-ext-val]
//	                      ; tagged-ext-label and tagged-ext-val
//	                      ; are defined in [RFC4466].
//	maxsize-opt        = "MAXSIZE" SP number
//	                      ; Used as a getmetadata-option
//	scope-opt          =  "DEPTH" SP ("0" / "1" / "infinity")
//	                      ; Used as a getmetadata-option
//
// RFC 5464, section 5. Of the first only the other two are accepted: no other
// option is registered, and one that is not understood must not be ignored. It
// returns which of the two it was.
func (p *parser) getmetadataOption(c *GetMetadata) (int, error) {
	i, err := p.Keyword("MAXSIZE", "DEPTH")
	if err != nil {
		return 0, p.Fail(`"MAXSIZE" / "DEPTH"`, section5464)
	}
	if err := p.SP(); err != nil {
		return i, err
	}
	if i == 0 {
		size, err := p.Number()
		c.MaxSize = &size
		return i, err
	}
	d, err := p.Keyword(depths...)
	if err != nil {
		return i, p.Fail(`"0" / "1" / "infinity"`, section5464)
	}
	c.Depth = depthValues[d]
	return i, nil
}

// entries parses
//
//	entries = entry /
//	          "(" entry *(SP entry) ")"
//	          ; entry specifiers
//
// RFC 5464, section 5.
func (p *parser) entries() ([]string, error) {
	var names []string
	one := func() error {
		name, err := p.entry()
		names = append(names, name)
		return err
	}
	if p.Peek() == '(' {
		err := p.List1(one)
		return names, err
	}
	err := one()
	return names, err
}

// entry parses
//
//	entry = astring
//	        ; slash-separated path to entry
//	        ; MUST NOT contain "*" or "%"
//
// RFC 5464, section 5; see [GetMetadata.Validate] for the comment.
func (p *parser) entry() (string, error) {
	return p.AString()
}

// setmetadata parses
//
//	setmetadata = "SETMETADATA" SP mailbox
//	                            SP entry-values
//	              ; empty string for mailbox implies
//	              ; server annotation.
//
// RFC 5464, section 5.
func (p *parser) setmetadata() (*SetMetadata, error) {
	c := new(SetMetadata)
	err := p.command("SETMETADATA")
	if err == nil {
		c.Mailbox, err = p.Mailbox()
	}
	if err == nil {
		err = p.SP()
	}
	if err != nil {
		return nil, err
	}
	if p.o.Draft && p.Peek() != '(' {
		c.Entries, err = p.draftEntryValues()
	} else {
		c.Entries, err = p.entryValues()
	}
	return c, err
}

// entryValues parses
//
//	entry-values = "(" entry-value *(SP entry-value) ")"
//
// RFC 5464, section 5.
func (p *parser) entryValues() ([]EntryValue, error) {
	var values []EntryValue
	err := p.List1(func() error {
		v, err := p.entryValue()
		values = append(values, v)
		return err
	})
	return values, err
}

// entryValue parses
//
//	entry-value = entry SP value
//
// RFC 5464, section 5.
func (p *parser) entryValue() (v EntryValue, err error) {
	if v.Name, err = p.entry(); err != nil {
		return v, err
	}
	if err = p.SP(); err != nil {
		return v, err
	}
	v.Value, err = p.value()
	return v, err
}

// value parses
//
//	value = nstring / literal8
//
// RFC 5464, section 5. NIL is nil; a string is not, however short.
func (p *parser) value() ([]byte, error) {
	if p.Peek() == '~' {
		b, err := p.Literal8()
		return bytes.Clone(b), err
	}
	s, ok, err := p.NString()
	if !ok || err != nil {
		return nil, err
	}
	return []byte(s), nil
}
