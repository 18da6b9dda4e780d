package notifyproto

import (
	"bytes"
	"math"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// LiteralSuffix reports whether line, without its CRLF, ends by announcing a
// literal:
//
//	literal  = "{" number ["+"] "}" CRLF *CHAR8
//	literal8 = "~{" number ["+"] "}" CRLF *OCTET
//
// and returns the number of octets that follow the CRLF, and whether they follow
// without a continuation request. A number over 63 bits announces nothing.
//
// In a server's responses not every such line announces one: see [EndsInText].
//
// RFC 7888, section 8; RFC 4466, section 3.
func LiteralSuffix(line []byte) (size int64, nonSync, ok bool) {
	rest, found := bytes.CutSuffix(line, []byte("}"))
	if !found {
		return 0, false, false
	}
	rest, nonSync = bytes.CutSuffix(rest, []byte("+"))
	at := len(rest)
	for at > 0 && imapsyntax.Is(rest[at-1], imapsyntax.ClassDigit) {
		at--
	}
	if at == len(rest) || at == 0 || rest[at-1] != '{' {
		return 0, false, false
	}
	for _, c := range rest[at:] {
		d := int64(c - '0')
		if size > (math.MaxInt64-d)/10 {
			return 0, false, false
		}
		size = size*10 + d
	}
	return size, nonSync, true
}

// EndsInText reports whether line, the first of a server's response, ends with
// text for people: that of a continuation request or of OK, NO, BAD, BYE or
// PREAUTH, unless its response code is still open. Such a line announces no
// literal, whatever it ends with.
//
// RFC 3501, sections 7.1 and 7.5.
func EndsInText(line []byte) bool {
	return endsInText(line, 0)
}

// endsInText does the same for a frame whose last line starts at the offset
// from. In a frame of several lines the code was open before that one.
func endsInText(frame []byte, from int) bool {
	first, rest, _ := bytes.Cut(frame, []byte(" "))
	if string(first) == "+" {
		return true
	}
	word, text, _ := bytes.Cut(rest, []byte(" "))
	if !isCondition(word) {
		return false
	}
	if from > 0 {
		return bytes.IndexByte(frame[from:], ']') >= 0
	}
	return !bytes.HasPrefix(text, []byte("[")) || bytes.IndexByte(text, ']') >= 0
}

// isCondition reports whether word is that of a status response.
func isCondition(word []byte) bool {
	switch len(word) {
	case 2:
		return imapsyntax.EqualFold(word, "OK") || imapsyntax.EqualFold(word, "NO")
	case 3:
		return imapsyntax.EqualFold(word, "BAD") || imapsyntax.EqualFold(word, "BYE")
	case 7:
		return imapsyntax.EqualFold(word, "PREAUTH")
	}
	return false
}
