package notifyproto

import "github.com/golemonade/lemonade/internal/imapsyntax"

// CutCommand splits the frame of a command into its tag, its name in upper case,
// and the command from its name on:
//
//	command = tag SP (command-any / command-auth / command-nonauth /
//	          command-select) CRLF
//	            ; Modal based on state
//
// The error is a *[SyntaxError]; the tag is returned with it if it could be
// read, so that the answer can carry it. The command aliases frame.
//
// RFC 3501, section 9.
func CutCommand(frame []byte) (tag, name string, command []byte, err error) {
	s := imapsyntax.NewScanner(frame)
	if tag, err = s.Tag(); err != nil {
		return "", "", nil, syntaxError(err)
	}
	if err = s.SP(); err != nil {
		return tag, "", nil, syntaxError(err)
	}
	command = s.Rest()
	name, err = s.Atom()
	if err == nil && s.End() != nil && s.Peek() != ' ' {
		err = s.Fail("SP or end of line", rfc3501)
	}
	if err != nil {
		return tag, "", nil, syntaxError(err)
	}
	return tag, upperCase(name), command, nil
}
