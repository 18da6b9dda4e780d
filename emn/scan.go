package emn

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// at reports whether s comes next.
func (p *parser) at(s string) bool {
	return len(p.data)-p.pos >= len(s) && string(p.data[p.pos:p.pos+len(s)]) == s
}

// skip moves past s if it comes next.
func (p *parser) skip(s string) bool {
	ok := p.at(s)
	if ok {
		p.pos += len(s)
	}
	return ok
}

// space skips S? and reports whether there was any. XML 1.0, section 2.3.
func (p *parser) space() bool {
	start := p.pos
	for p.pos < len(p.data) && isSpaceByte(p.data[p.pos]) {
		p.pos++
	}
	return p.pos > start
}

// name parses
//
//	Name ::= NameStartChar (NameChar)*
//
// XML 1.0, section 2.3.
func (p *parser) name() ([]byte, error) {
	rest := p.data[p.pos:]
	if r, size := utf8.DecodeRune(rest); size == 0 || !isNameStart(r) {
		return nil, want(p.pos, "a name", "XML 1.0, section 2.3")
	}
	end := bytes.IndexFunc(rest, func(r rune) bool { return !isNameChar(r) })
	if end < 0 {
		end = len(rest)
	}
	p.pos += end
	return rest[:end], nil
}

// eq parses
//
//	Eq ::= S? '=' S?
//
// XML 1.0, section 2.8.
func (p *parser) eq() error {
	p.space()
	if !p.skip("=") {
		return want(p.pos, "'='", "XML 1.0, section 2.8")
	}
	p.space()
	return nil
}

// literal parses a quoted string without looking into it:
//
//	'"' [^"]* '"' | "'" [^']* "'"
func (p *parser) literal(section string) ([]byte, error) {
	if !p.at(`"`) && !p.at(`'`) {
		return nil, want(p.pos, "a quoted string", section)
	}
	start := p.pos + 1
	length := bytes.IndexByte(p.data[start:], p.data[p.pos])
	if length < 0 {
		return nil, want(len(p.data), "a closing quote", section)
	}
	p.pos = start + length + 1
	return p.data[start : start+length], nil
}

// attValue parses
//
//	AttValue ::= '"' ([^<&"] | Reference)* '"' | "'" ([^<&'] | Reference)* "'"
//
// XML 1.0, section 2.3. White space becomes spaces, section 3.3.3.
func (p *parser) attValue() (string, error) {
	start := p.pos + 1
	raw, err := p.literal("XML 1.0, section 2.3")
	if err != nil {
		return "", err
	}
	if i := bytes.IndexByte(raw, '<'); i >= 0 {
		return "", want(start+i, "'&lt;' for '<'", "XML 1.0, section 2.3")
	}
	value := raw
	if bytes.ContainsAny(raw, "&\t\r\n") {
		if value, err = p.normalize(start, start+len(raw)); err != nil {
			return "", err
		}
	}
	if limit := p.options.MaxAttributeValue; len(value) > limit {
		return "", want(start, fmt.Sprintf("a value of at most %d octets", limit), "")
	}
	return string(value), nil
}

// normalize reads the value from start to the quote at end as XML 1.0, sections
// 2.11 and 3.3.3, say: references are expanded, and CRLF, CR, LF and tab are
// spaces.
func (p *parser) normalize(start, end int) (value []byte, err error) {
	value = make([]byte, 0, end-start)
	for p.pos = start; p.pos < end; {
		switch c := p.data[p.pos]; {
		case c == '&': // no reference holds a quote, so it ends before end
			if value, err = p.reference(value); err != nil {
				return nil, err
			}
			continue
		case c == '\r' && p.data[p.pos+1] == '\n': // the LF is the space
		case isSpaceByte(c):
			value = append(value, ' ')
		default:
			value = append(value, c)
		}
		p.pos++
	}
	p.pos = end + 1
	return value, nil
}

// reference parses
//
//	Reference ::= EntityRef | CharRef
//	EntityRef ::= '&' Name ';'
//	CharRef   ::= '&#' [0-9]+ ';' | '&#x' [0-9a-fA-F]+ ';'
//
// and appends what it stands for. Of the entities there are the five of XML 1.0,
// section 4.6; others would need a DTD. XML 1.0, section 4.1.
func (p *parser) reference(b []byte) ([]byte, error) {
	start := p.pos
	p.pos++
	if p.skip("#") {
		r, ok := p.charNumber()
		if !ok || !p.skip(";") {
			return nil, want(start, "a reference to a character XML allows", "XML 1.0, section 4.1")
		}
		return utf8.AppendRune(b, r), nil
	}
	name, err := p.name()
	if err == nil && p.skip(";") {
		switch string(name) {
		case "amp":
			return append(b, '&'), nil
		case "lt":
			return append(b, '<'), nil
		case "gt":
			return append(b, '>'), nil
		case "quot":
			return append(b, '"'), nil
		case "apos":
			return append(b, '\''), nil
		}
	}
	return nil, want(start, "one of the five predefined entities", "XML 1.0, section 4.6")
}

// charNumber parses the number of a CharRef.
func (p *parser) charNumber() (rune, bool) {
	base, digits := 10, "0123456789"
	if p.skip("x") {
		base, digits = 16, "0123456789abcdefABCDEF"
	}
	start := p.pos
	for p.pos < len(p.data) && strings.IndexByte(digits, p.data[p.pos]) >= 0 {
		p.pos++
	}
	v, err := strconv.ParseUint(string(p.data[start:p.pos]), base, 21)
	return rune(v), err == nil && isChar(rune(v))
}

// token parses a construct that ends at the first end after its start, and
// returns what is between.
func (p *parser) token(start, end, section string) ([]byte, error) {
	if p.tokens++; p.tokens > p.options.MaxTokens {
		what := fmt.Sprintf("at most %d comments, processing instructions and CDATA sections", p.options.MaxTokens)
		return nil, want(p.pos, what, "")
	}
	rest := p.data[p.pos+len(start):]
	length := bytes.Index(rest, []byte(end))
	if length < 0 {
		return nil, want(len(p.data), "'"+end+"'", section)
	}
	p.pos += len(start) + length + len(end)
	return rest[:length], nil
}
