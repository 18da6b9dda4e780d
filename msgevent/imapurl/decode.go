package imapurl

import (
	"math"
	"strings"
)

// run returns where the octets of c and percent-encoded ones end.
func (p *parser) run(c class, end int) int {
	i := p.pos
	for i < end && (c.has(p.s[i]) || p.s[i] == '%') {
		i++
	}
	return i
}

// decode reads up to end, resolving
//
//	pct-encoded = "%" HEXDIG HEXDIG
//
// RFC 3986, appendix A. The result is UTF-8 without NUL (RFC 5092, section 8).
func (p *parser) decode(end int) (string, error) {
	raw := p.s[p.pos:end]
	if strings.IndexByte(raw, '%') < 0 {
		p.pos = end
		return raw, nil
	}
	b := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '%' {
			b = append(b, raw[i])
			continue
		}
		if i+2 >= len(raw) || !isHex(raw[i+1]) || !isHex(raw[i+2]) {
			return "", &SyntaxError{Offset: p.pos + i, Expected: `"%" and two hexadecimal digits`}
		}
		b = append(b, unhex(raw[i+1])<<4|unhex(raw[i+2]))
		i += 2
	}
	s := string(b)
	if !validText(s) {
		return "", p.expected(wantText)
	}
	p.pos = end
	return s, nil
}

// nzNumber parses
//
//	nz-number = digit-nz *DIGIT
//
// RFC 3501, section 9: an unsigned non-zero number of 32 bits.
func (p *parser) nzNumber() (uint32, error) {
	start := p.pos
	var n uint64
	for p.pos < len(p.s) && isDigit(p.s[p.pos]) && n <= math.MaxUint32 {
		n = n*10 + uint64(p.s[p.pos]-'0')
		p.pos++
	}
	if p.pos == start || p.s[start] == '0' || n > math.MaxUint32 {
		p.pos = start
		return 0, p.expected(wantNZNumber)
	}
	return uint32(n), nil
}

func isHex(c byte) bool {
	return isDigit(c) || 'A' <= c&^0x20 && c&^0x20 <= 'F'
}

func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}
