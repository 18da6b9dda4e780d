package emn

import (
	"bytes"
	"fmt"
)

// ParseOptions configures Unmarshal. Nil and the zero value mean strict, with
// the limits of this package. A limit of 0 is the constant of its name.
type ParseOptions struct {
	// Lenient also takes what senders are known, or have to be expected, to get
	// wrong: unknown attributes and a default namespace (skipped), the DOCTYPE of
	// another element, white space before an XML declaration, one NUL at the end,
	// other forms of a timestamp, event or datetime, and values of event,
	// sequence-id, uid and datetime that cannot be read (their fields stay
	// absent). A document otherwise not well-formed, without a mailbox, with a
	// timestamp that cannot be read or with an internal DTD subset is refused all
	// the same.
	Lenient bool
	// Report, if set, is called for each thing only Lenient let pass, in no
	// particular order, before Unmarshal returns. A document that is refused in
	// the end may have been reported on.
	Report func(Issue)

	MaxDocument       int // octets
	MaxAttributeValue int // octets
	MaxAttributes     int // the time taken grows with its square
	MaxTokens         int // comments, processing instructions, CDATA sections
}

// withDefaults returns a copy of o with all limits set.
func (o *ParseOptions) withDefaults() ParseOptions {
	var v ParseOptions
	if o != nil {
		v = *o
	}
	for _, limit := range [...]struct {
		value    *int
		standard int
	}{
		{&v.MaxDocument, MaxDocument},
		{&v.MaxAttributeValue, MaxAttributeValue},
		{&v.MaxAttributes, MaxAttributes},
		{&v.MaxTokens, MaxTokens},
	} {
		if *limit.value == 0 {
			*limit.value = limit.standard
		}
	}
	return v
}

// Unmarshal reads the XML form of an emn or xemn element into n, which it
// replaces. Strings are copied; times are in UTC.
//
// It takes what AppendXML writes, and beyond that an XML declaration, a DOCTYPE
// that names the element and has no internal subset, comments, processing
// instructions, CDATA sections, either quote, attributes in any order, white
// space wherever XML 1.0 has it, and a datetime with an offset. Content that is
// white space only is no text.
//
// The error is a *SyntaxError, and n is then as it was.
func Unmarshal(data []byte, n *Notification, o *ParseOptions) error {
	p := parser{data: data, options: o.withDefaults()}
	v, err := p.document()
	if err != nil {
		return err
	}
	*n = v
	return nil
}

// parser reads one document. Its functions are named after the productions of
// XML 1.0 they read from pos on.
type parser struct {
	data    []byte
	pos     int
	options ParseOptions
	tokens  int

	root    []byte // of the DOCTYPE, nil without one
	rootPos int
}

// want returns the error for data that goes wrong at offset.
func want(offset int, what, section string) error {
	return &SyntaxError{Offset: offset, Want: what, Section: section}
}

// tolerate returns the error for what only the lenient mode takes; there it
// reports it instead.
func (p *parser) tolerate(issue Issue) error {
	if !p.options.Lenient {
		return issue.Err
	}
	if p.options.Report != nil {
		p.options.Report(issue)
	}
	return nil
}

// document parses
//
//	document ::= prolog element Misc*
//
// XML 1.0, section 2.1.
func (p *parser) document() (Notification, error) {
	var n Notification
	if limit := p.options.MaxDocument; len(p.data) > limit {
		return n, want(limit, fmt.Sprintf("a document of at most %d octets", limit), "")
	}
	if err := p.trailingNUL(); err != nil {
		return n, err
	}
	if i := indexNotChar(p.data); i >= 0 {
		return n, want(i, "a character XML allows, in UTF-8", "XML 1.0, section 2.2")
	}
	if err := p.prolog(); err != nil {
		return n, err
	}
	if err := p.element(&n); err != nil {
		return n, err
	}
	if err := p.miscs(); err != nil {
		return n, err
	}
	if p.pos < len(p.data) {
		return n, want(p.pos, "nothing after the element", "XML 1.0, section 2.1")
	}
	return n, nil
}

// trailingNUL removes one NUL octet at the end.
//
// QUIRK: senders written in C count the terminator of a string as part of it.
func (p *parser) trailingNUL() error {
	last := len(p.data) - 1
	if last < 0 || p.data[last] != 0 {
		return nil
	}
	p.data = p.data[:last]
	return p.tolerate(Issue{Err: &SyntaxError{last, "no NUL at the end", "XML 1.0, section 2.2"}})
}

// element parses the one element of a document, emn or xemn:
//
//	element      ::= EmptyElemTag | STag content ETag
//	EmptyElemTag ::= '<' Name (S Attribute)* S? '/>'
//	STag         ::= '<' Name (S Attribute)* S? '>'
//	ETag         ::= '</' Name S? '>'
//
// XML 1.0, section 3.
func (p *parser) element(n *Notification) error {
	start := p.pos
	if !p.skip("<") {
		return want(p.pos, "an emn or xemn element", "OMA EMN 1.0")
	}
	at := p.pos
	name, err := p.name()
	if err != nil {
		return err
	}
	switch string(name) {
	case "emn":
	case "xemn":
		n.Extended = new(Extended)
	default:
		return want(at, "the name emn or xemn", "OMA EMN 1.0")
	}
	if err := p.checkRoot(name); err != nil {
		return err
	}
	if err := p.attributes(n); err != nil {
		return err
	}
	if n.Mailbox == "" {
		return want(start, "a mailbox attribute that is not empty", "OMA EMN 1.0")
	}
	if p.skip("/>") {
		return nil
	}
	if !p.skip(">") {
		return want(p.pos, "an attribute, '>' or '/>'", "XML 1.0, section 3.1")
	}
	if err := p.content(n); err != nil {
		return err
	}
	at = p.pos
	if end, err := p.name(); err != nil || !bytes.Equal(end, name) {
		return want(at, "the end tag of the element", "XML 1.0, section 3")
	}
	p.space()
	if !p.skip(">") {
		return want(p.pos, "'>'", "XML 1.0, section 3.1")
	}
	return nil
}

// checkRoot checks the validity constraint Root Element Type, XML 1.0, section
// 2.8: the DOCTYPE names the element.
//
// QUIRK: senders of several WAP document types, as si and sl, that copied the
// DOCTYPE of another.
func (p *parser) checkRoot(name []byte) error {
	if p.root == nil || bytes.Equal(p.root, name) {
		return nil
	}
	return p.tolerate(Issue{Err: &SyntaxError{p.rootPos, "the name of the element", "XML 1.0, section 2.8"}})
}

// attributes parses
//
//	(S Attribute)* S?
//
// up to the end of the tag, and stores the values in n. XML 1.0, section 3.1.
func (p *parser) attributes(n *Notification) error {
	var known [MaxAttributes][]byte // spares an allocation
	names := known[:0]
	for {
		spaced := p.space()
		if p.pos == len(p.data) || p.at(">") || p.at("/") {
			return nil
		}
		start := p.pos
		if !spaced {
			return want(start, "white space, '>' or '/>'", "XML 1.0, section 3.1")
		}
		name, err := p.name()
		if err != nil {
			return err
		}
		if bytes.IndexByte(name, ':') >= 0 {
			return want(start, "a name without prefix", "OMA EMN 1.0")
		}
		for _, other := range names {
			if bytes.Equal(name, other) {
				return want(start, "each attribute once", "XML 1.0, section 3.1")
			}
		}
		if limit := p.options.MaxAttributes; len(names) == limit {
			return want(start, fmt.Sprintf("at most %d attributes", limit), "")
		}
		names = append(names, name)
		if err := p.eq(); err != nil {
			return err
		}
		at := p.pos + 1
		value, err := p.attValue()
		if err != nil {
			return err
		}
		if err := p.set(n, attribute{name, value, start, at}); err != nil {
			return err
		}
	}
}
