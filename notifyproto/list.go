package notifyproto

import (
	"bytes"
	"unicode/utf8"

	imap "github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

const (
	tagOldName   = "OLDNAME"
	tagChildInfo = "CHILDINFO"
)

// mailboxList parses SP and
//
//	mailbox-list = "(" [mbx-list-flags] ")" SP
//	               (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox
//	               [SP mbox-list-extended]
//
// RFC 5258, section 6.
func mailboxList(s *imapsyntax.Scanner) (Response, error) {
	if err := s.SP(); err != nil {
		return nil, err
	}
	var r List
	err := s.List(func() error {
		attr, err := mbxListFlag(s)
		r.Attrs = append(r.Attrs, attr)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.SP(); err != nil {
		return nil, err
	}
	if r.Delim, err = delimiter(s); err != nil {
		return nil, err
	}
	if err := s.SP(); err != nil {
		return nil, err
	}
	if r.Mailbox, err = mailbox(s); err != nil {
		return nil, err
	}
	if s.TryByte(' ') {
		// mbox-list-extended = "(" [mbox-list-extended-item
		//                      *(SP mbox-list-extended-item)] ")"
		err = s.List(func() error { return mboxListExtendedItem(s, &r) })
	}
	return r, err
}

// mbxListFlag parses
//
//	mbx-list-flags = *(mbx-list-oflag SP) mbx-list-sflag
//	                 *(SP mbx-list-oflag) /
//	                 mbx-list-oflag *(SP mbx-list-oflag)
//	mbx-list-oflag = "\Noinferiors" / flag-extension
//	                   ; Other flags; multiple possible per LIST response
//	mbx-list-sflag = "\Noselect" / "\Marked" / "\Unmarked"
//	                   ; Selectability flags; only one per LIST response
//	mbx-list-oflag =/ "\NoAccess"
//
// RFC 3501, section 9; RFC 5465, section 8: one of them.
func mbxListFlag(s *imapsyntax.Scanner) (imap.MailboxAttr, error) {
	start := s.Pos()
	if !s.TryByte('\\') {
		return "", s.Fail("mbx-list-oflag", rfc3501)
	}
	if len(s.Take(imapsyntax.ClassAtom)) == 0 {
		return "", s.Fail("atom", rfc3501)
	}
	return mailboxAttr(s.Since(start)), nil
}

// mailboxAttr returns the attribute in the spelling of its constant, if it has
// one. RFC 5465 alone spells \NonExistent in two ways.
func mailboxAttr(name []byte) imap.MailboxAttr {
	for _, attr := range [...]imap.MailboxAttr{
		imap.MailboxAttrNonExistent, imap.MailboxAttrNoInferiors, imap.MailboxAttrNoSelect,
		imap.MailboxAttrHasChildren, imap.MailboxAttrHasNoChildren, imap.MailboxAttrMarked,
		imap.MailboxAttrUnmarked, imap.MailboxAttrSubscribed, imap.MailboxAttrRemote,
		imap.MailboxAttrAll, imap.MailboxAttrArchive, imap.MailboxAttrDrafts,
		imap.MailboxAttrFlagged, imap.MailboxAttrJunk, imap.MailboxAttrSent,
		imap.MailboxAttrTrash, imap.MailboxAttrImportant, MailboxAttrNoAccess,
	} {
		if imapsyntax.EqualFold(name, string(attr)) {
			return attr
		}
	}
	return imap.MailboxAttr(name)
}

// delimiter parses (DQUOTE QUOTED-CHAR DQUOTE / nil), and returns 0 for nil.
func delimiter(s *imapsyntax.Scanner) (rune, error) {
	if s.TryKeyword("NIL") {
		return 0, nil
	}
	start := s.Pos()
	value, err := s.Quoted()
	if err != nil {
		return 0, s.Fail("DQUOTE QUOTED-CHAR DQUOTE / nil", rfc3501)
	}
	r, size := utf8.DecodeRuneInString(value)
	if size == 0 || size != len(value) {
		return 0, &SyntaxError{Offset: start, Want: "DQUOTE QUOTED-CHAR DQUOTE", Section: rfc3501}
	}
	return r, nil
}

// mboxListExtendedItem parses
//
//	mbox-list-extended-item     = mbox-list-extended-item-tag SP
//	                              tagged-ext-val
//	mbox-list-extended-item-tag = astring
//	                                ; The content MUST conform to either "eitem-
//	                                ; vendor-tag" or "eitem-standard-tag" ABNF
//	                                ; productions.
//
// RFC 5258, section 6. Both of these are atoms.
func mboxListExtendedItem(s *imapsyntax.Scanner, r *List) error {
	start := s.Pos()
	tag, err := s.AString()
	if err != nil {
		return err
	}
	tag = upperCase(tag)
	if _, err := imapsyntax.AppendAtom(nil, tag); err != nil {
		return &SyntaxError{Offset: start, Want: "mbox-list-extended-item-tag", Section: rfc5258}
	}
	if err := s.SP(); err != nil {
		return err
	}
	switch {
	case tag == tagOldName && r.OldName == "":
		r.OldName, err = oldName(s)
		return err
	case tag == tagChildInfo && r.ChildInfo == nil:
		r.ChildInfo, err = childInfo(s)
		return err
	case tag == tagOldName || tag == tagChildInfo:
		return &SyntaxError{Offset: start, Want: tag + " once", Section: rfc5258}
	}
	value, err := rawValue(s)
	r.Extended = append(r.Extended, ExtendedItem{Tag: tag, Value: bytes.Clone(value)})
	return err
}

// oldName parses the value of
//
//	oldname-extended-item = "OLDNAME" SP "(" mailbox ")"
//	                          ;; Extended data item (mbox-list-extended-item)
//	                          ;; returned in a LIST response when a mailbox is
//	                          ;; renamed.
//	                          ;; Note 1: the OLDNAME tag can be returned
//	                          ;; with or without surrounding quotes, as per
//	                          ;; mbox-list-extended-item-tag production.
//
// RFC 5465, section 8.
func oldName(s *imapsyntax.Scanner) (string, error) {
	if err := s.Byte('('); err != nil {
		return "", err
	}
	start := s.Pos()
	name, err := mailbox(s)
	if err != nil {
		return "", err
	}
	if name == "" {
		return "", &SyntaxError{Offset: start, Want: "mailbox", Section: rfc5465}
	}
	return name, s.Byte(')')
}

// childInfo parses the value of
//
//	childinfo-extended-item = "CHILDINFO" SP "("
//	                          list-select-base-opt-quoted
//	                          *(SP list-select-base-opt-quoted) ")"
//	                            ; Extended data item (mbox-list-extended-item)
//	                            ; returned when the RECURSIVEMATCH
//	                            ; selection option is specified.
//	                            ; Note 1: the CHILDINFO tag can be returned
//	                            ; with and without surrounding quotes, as per
//	                            ; mbox-list-extended-item-tag production.
//
// RFC 5258, section 6.
func childInfo(s *imapsyntax.Scanner) (options []string, err error) {
	err = s.List1(func() error {
		start := s.Pos()
		option, err := s.Quoted()
		if err != nil {
			return err
		}
		if _, err := imapsyntax.AppendAtom(nil, option); err != nil {
			return &SyntaxError{Offset: start, Want: "list-select-base-opt-quoted", Section: rfc5258}
		}
		options = append(options, upperCase(option))
		return nil
	})
	return options, err
}
