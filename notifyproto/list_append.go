package notifyproto

import (
	"unicode/utf8"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// appendList is the inverse of mailboxList. OLDNAME and CHILDINFO are quoted, as
// in the examples of RFC 5465 and RFC 5258.
func appendList(b []byte, r List, utf8Ok bool) ([]byte, error) {
	var err error
	b = append(b, "* LIST ("...)
	for i, attr := range r.Attrs {
		if i > 0 {
			b = append(b, ' ')
		}
		if len(attr) == 0 || attr[0] != '\\' {
			return b, &ValueError{Field: "List.Attrs", Want: `"\"`, Section: rfc3501}
		}
		if b, err = imapsyntax.AppendAtom(append(b, '\\'), string(attr[1:])); err != nil {
			return b, valueError("List.Attrs", err)
		}
	}
	if b, err = appendDelimiter(append(b, ") "...), r.Delim, utf8Ok); err != nil {
		return b, err
	}
	if b, err = imapsyntax.AppendMailbox(append(b, ' '), r.Mailbox, utf8Ok); err != nil {
		return b, valueError("List.Mailbox", err)
	}
	return appendExtended(b, r, utf8Ok)
}

func appendDelimiter(b []byte, delim rune, utf8Ok bool) ([]byte, error) {
	if delim == 0 {
		return append(b, "NIL"...), nil
	}
	var buf [utf8.UTFMax]byte
	b, err := imapsyntax.AppendQuoted(b, string(utf8.AppendRune(buf[:0], delim)), utf8Ok)
	if err == nil && !utf8.ValidRune(delim) {
		err = &ValueError{Field: "List.Delim", Want: "QUOTED-CHAR", Section: rfc3501}
	}
	return b, valueError("List.Delim", err)
}

// appendExtended appends SP and the extended data items, or nothing.
func appendExtended(b []byte, r List, utf8Ok bool) ([]byte, error) {
	var err error
	sep := " ("
	if r.OldName != "" {
		b = append(append(b, sep...), `"OLDNAME" (`...)
		if b, err = imapsyntax.AppendMailbox(b, r.OldName, utf8Ok); err != nil {
			return b, valueError("List.OldName", err)
		}
		b = append(b, ')')
		sep = " "
	}
	if len(r.ChildInfo) > 0 {
		b = append(append(b, sep...), `"CHILDINFO" `...)
		if b, err = appendChildInfo(b, r.ChildInfo); err != nil {
			return b, err
		}
		sep = " "
	}
	for _, item := range r.Extended {
		if b, err = appendExtendedItem(append(b, sep...), item, utf8Ok); err != nil {
			return b, err
		}
		sep = " "
	}
	if sep == " " {
		b = append(b, ')')
	}
	return b, nil
}

func appendChildInfo(b []byte, options []string) ([]byte, error) {
	b = append(b, '(')
	for i, option := range options {
		if i > 0 {
			b = append(b, ' ')
		}
		var err error
		if b, err = imapsyntax.AppendAtom(append(b, '"'), upperCase(option)); err != nil {
			return b, valueError("List.ChildInfo", err)
		}
		b = append(b, '"')
	}
	return append(b, ')'), nil
}

func appendExtendedItem(b []byte, item ExtendedItem, utf8Ok bool) ([]byte, error) {
	tag := upperCase(item.Tag)
	if tag == tagOldName || tag == tagChildInfo {
		return b, &ValueError{Field: "ExtendedItem.Tag", Want: "tag without a field of its own", Section: rfc5258}
	}
	b, err := imapsyntax.AppendAtom(b, tag)
	if err != nil {
		return b, valueError("ExtendedItem.Tag", err)
	}
	if err := checkRaw(item.Value, utf8Ok); err != nil {
		return b, valueError("ExtendedItem.Value", err)
	}
	return append(append(b, ' '), item.Value...), nil
}
