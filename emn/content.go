package emn

import "bytes"

// content parses
//
//	content ::= CharData? ((element | Reference | CDSect | PI | Comment) CharData?)*
//
// without element, which neither element type allows, and the '</' after it. XML
// 1.0, section 3.1.
//
// The text is that of xemn, whose #CDATA in the draft means #PCDATA. For emn,
// whose type is EMPTY, it has to be white space: the example of
// draft-ietf-lemonade-notifications-04, section 9.1, has a line break there.
func (p *parser) content(n *Notification) error {
	start := p.pos
	text, err := p.text()
	if err != nil {
		return err
	}
	s := string(text)
	switch {
	case isSpace(s):
	case n.Extended == nil:
		return want(start, "no text in an emn element", "OMA EMN 1.0")
	default:
		n.Extended.Text = s
	}
	return nil
}

// text collects the character data of content.
func (p *parser) text() (text []byte, err error) {
	for err == nil {
		switch {
		case p.pos == len(p.data):
			return nil, want(p.pos, "the end tag of the element", "XML 1.0, section 3")
		case p.skip("</"):
			return text, nil
		case p.at("<![CDATA["):
			text, err = p.cdSect(text)
		case p.at("<!--"):
			err = p.comment()
		case p.at("<?"):
			err = p.pi()
		case p.at("<"):
			return nil, want(p.pos, "no element within the element", "OMA EMN 1.0")
		case p.at("&"):
			text, err = p.reference(text)
		default:
			text, err = p.charData(text)
		}
	}
	return nil, err
}

// charData parses
//
//	CharData ::= [^<&]* - ([^<&]* ']]>' [^<&]*)
//
// XML 1.0, section 2.4.
func (p *parser) charData(text []byte) ([]byte, error) {
	run := p.data[p.pos:]
	if i := bytes.IndexAny(run, "<&"); i >= 0 {
		run = run[:i]
	}
	if i := bytes.Index(run, []byte("]]>")); i >= 0 {
		return nil, want(p.pos+i, "text without ']]>'", "XML 1.0, section 2.4")
	}
	p.pos += len(run)
	return appendLines(text, run), nil
}

// cdSect parses
//
//	CDSect  ::= CDStart CData CDEnd
//	CDStart ::= '<![CDATA['
//	CData   ::= (Char* - (Char* ']]>' Char*))
//	CDEnd   ::= ']]>'
//
// XML 1.0, section 2.7.
func (p *parser) cdSect(text []byte) ([]byte, error) {
	data, err := p.token("<![CDATA[", "]]>", "XML 1.0, section 2.7")
	return appendLines(text, data), err
}

// appendLines appends run with each CRLF and CR made LF, XML 1.0, section 2.11.
// The result may share memory with run, to which nothing is ever appended.
func appendLines(text, run []byte) []byte {
	if bytes.IndexByte(run, '\r') < 0 {
		if text == nil {
			return run[:len(run):len(run)]
		}
		return append(text, run...)
	}
	for i, c := range run {
		switch {
		case c != '\r':
			text = append(text, c)
		case i+1 == len(run) || run[i+1] != '\n':
			text = append(text, '\n')
		}
	}
	return text
}
