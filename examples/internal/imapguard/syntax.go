package imapguard

import (
	"bytes"
	"strconv"
	"strings"
)

// cutCommand returns the tag and the upper-cased name of a command line, as in
// "UID FETCH"; both are empty if there is no valid tag.
//
//	tag = 1*<any ASTRING-CHAR except "+">
//
// RFC 3501, section 9; but imapserver takes no "]" in it.
func cutCommand(line []byte) (tag, name string) {
	t, rest, _ := bytes.Cut(line, []byte(" "))
	if len(t) == 0 || bytes.ContainsFunc(t, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`(){%*"\+]`, r)
	}) {
		return "", ""
	}
	n, rest, _ := bytes.Cut(rest, []byte(" "))
	name = strings.ToUpper(string(n))
	if name == "UID" {
		sub, _, _ := bytes.Cut(rest, []byte(" "))
		name = strings.TrimSpace(name + " " + strings.ToUpper(string(sub)))
	}
	return string(t), name
}

// isHTTP reports whether a line is a browser's request. Only such a line is
// left to imapserver before login, which hangs up: somebody may have made a
// browser talk to this port.
func isHTTP(line []byte) bool {
	return bytes.HasSuffix(line, []byte(" HTTP/1.1")) || bytes.HasSuffix(line, []byte(" HTTP/1.0"))
}

// literal returns the size of the literal that a line ends with.
//
//	literal = "{" number ["+"] "}" CRLF *CHAR8
//
// RFC 3501, section 9, and RFC 7888, section 8; but imapserver takes a space
// before the line end.
func literal(line []byte) (size int64, nonSync, ok bool) {
	line = bytes.TrimSuffix(line, []byte(" "))
	if !bytes.HasSuffix(line, []byte("}")) {
		return 0, false, false
	}
	i := bytes.LastIndexByte(line, '{')
	if i < 0 {
		return 0, false, false
	}
	digits, nonSync := bytes.CutSuffix(line[i+1:len(line)-1], []byte("+"))
	n, err := strconv.ParseUint(string(digits), 10, 63) // takes no sign
	if err != nil {
		return 0, false, false
	}
	return int64(n), nonSync, true
}

// cutLineEnd returns a line without its line end.
func cutLineEnd(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
}

// quotesClosed reports whether all quoted strings of a line end in it.
func quotesClosed(line []byte) bool {
	quoted := false
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == '\\' && quoted:
			i++
		}
	}
	return !quoted
}

// known has the commands of imapserver.
var known = map[string]bool{
	"APPEND": true, "AUTHENTICATE": true, "CAPABILITY": true, "CHECK": true, "CLOSE": true,
	"COPY": true, "CREATE": true, "DELETE": true, "ENABLE": true, "EXAMINE": true,
	"EXPUNGE": true, "FETCH": true, "IDLE": true, "LIST": true, "LOGIN": true,
	"LOGOUT": true, "LSUB": true, "MOVE": true, "NAMESPACE": true, "NOOP": true,
	"RENAME": true, "SEARCH": true, "SELECT": true, "STARTTLS": true, "STATUS": true,
	"STORE": true, "SUBSCRIBE": true, "UNAUTHENTICATE": true, "UNSELECT": true,
	"UNSUBSCRIBE": true,
	"UID COPY":    true, "UID EXPUNGE": true, "UID FETCH": true, "UID MOVE": true,
	"UID SEARCH": true, "UID STORE": true,
}
