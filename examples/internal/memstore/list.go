package memstore

import (
	"maps"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// listData describes a name: a mailbox, one that only has children, or one
// that is subscribed but gone (RFC 5258, sections 3 and 4).
func (u *user) listData(name string, hasChildren bool) *imap.ListData {
	data := &imap.ListData{Mailbox: name, Delim: Delimiter}
	switch mbox := u.mailboxes[name]; {
	case mbox == nil:
		data.Attrs = append(data.Attrs, imap.MailboxAttrNonExistent)
	case mbox.noSelect:
		data.Attrs = append(data.Attrs, imap.MailboxAttrNoSelect)
	}
	if hasChildren {
		data.Attrs = append(data.Attrs, imap.MailboxAttrHasChildren)
	} else {
		data.Attrs = append(data.Attrs, imap.MailboxAttrHasNoChildren)
	}
	return data
}

// List implements imapserver.Session: LIST of RFC 5258, and LSUB, which asks
// for subscribed names.
func (s *Session) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	if len(patterns) == 0 {
		// An empty name asks for the delimiter, RFC 3501, section 6.3.8.
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: Delimiter})
	}
	g, ok := s.guard()
	lsub := ok && g.Command() == "LSUB"
	end := s.begin()
	list := s.user.list(ref, patterns, options, lsub)
	end()
	for _, data := range list {
		if err := w.WriteList(data); err != nil {
			return err
		}
	}
	return nil
}

func (u *user) list(ref string, patterns []string, options *imap.ListOptions, lsub bool) []*imap.ListData {
	if options.SelectSpecialUse {
		return nil // no mailbox has one
	}
	rooted := make([]string, len(patterns))
	for i, p := range patterns {
		rooted[i] = root(ref, p)
	}
	names, hasChildren := u.candidates(rooted, options.SelectSubscribed)
	matches := func(name string) bool {
		return slices.ContainsFunc(rooted, func(p string) bool { return matchList(name, p) })
	}
	var list []*imap.ListData
	for _, name := range names {
		if !matches(name) {
			continue
		}
		data := u.listData(name, hasChildren(name))
		if _, ok := u.subscribed[name]; ok && (options.SelectSubscribed || options.ReturnSubscribed) {
			data.Attrs = append(data.Attrs, imap.MailboxAttrSubscribed)
		}
		list = append(list, data)
	}
	if options.SelectRecursiveMatch || lsub {
		list = u.addParents(list, names, matches, hasChildren)
	}
	if lsub {
		forLSUB(list)
	}
	if options.ReturnStatus != nil {
		for _, data := range list {
			if mbox := u.mailboxes[data.Mailbox]; mbox != nil && !mbox.noSelect {
				data.Status = mbox.status(options.ReturnStatus)
			}
		}
	}
	return list
}

// addParents adds CHILDINFO for names that match and have a subscribed name
// below them that does not, RFC 5258, section 3.5.
func (u *user) addParents(list []*imap.ListData, subscribed []string, matches, hasChildren func(string) bool) []*imap.ListData {
	for _, name := range subscribed {
		if matches(name) {
			continue
		}
		for i := strings.LastIndexByte(name, Delimiter); i > 0; i = strings.LastIndexByte(name[:i], Delimiter) {
			parent := name[:i]
			if !matches(parent) {
				continue
			}
			at := slices.IndexFunc(list, func(d *imap.ListData) bool { return d.Mailbox == parent })
			if at < 0 {
				at = len(list)
				list = append(list, u.listData(parent, hasChildren(parent)))
			}
			list[at].ChildInfo = &imap.ListDataChildInfo{Subscribed: true}
		}
	}
	slices.SortFunc(list, func(a, b *imap.ListData) int { return compareNames(a.Mailbox, b.Mailbox) })
	return list
}

// forLSUB makes of a name that is there only for those below it what LSUB
// returns for it (RFC 3501, section 6.3.9).
func forLSUB(list []*imap.ListData) {
	for _, data := range list {
		if data.ChildInfo != nil && !slices.Contains(data.Attrs, imap.MailboxAttrSubscribed) {
			data.Attrs = []imap.MailboxAttr{imap.MailboxAttrNoSelect}
		}
		data.ChildInfo = nil
	}
}

// candidates returns the names among which those are that the patterns match, in
// order, and what tells whether a name has others below it. Names that are asked
// for as they are need no look at the others.
func (u *user) candidates(patterns []string, subscribed bool) (names []string, hasChildren func(string) bool) {
	exact := !slices.ContainsFunc(patterns, func(p string) bool { return strings.ContainsAny(p, "*%") })
	switch {
	case exact && !subscribed:
		for _, p := range patterns {
			if u.mailboxes[p] != nil && !slices.Contains(names, p) {
				names = append(names, p)
			}
		}
		return names, u.hasChildren
	case subscribed:
		names = slices.SortedFunc(maps.Keys(u.subscribed), compareNames)
	default:
		names = u.names()
	}
	parents := make(map[string]bool)
	for name := range u.mailboxes {
		for i := strings.LastIndexByte(name, Delimiter); i > 0 && !parents[name[:i]]; i = strings.LastIndexByte(name[:i], Delimiter) {
			parents[name[:i]] = true
		}
	}
	return names, func(name string) bool { return parents[name] }
}

// hasChildren reports whether there are mailboxes below a name.
func (u *user) hasChildren(name string) bool {
	prefix := name + string(Delimiter)
	for n := range u.mailboxes {
		if strings.HasPrefix(n, prefix) {
			return true
		}
	}
	return false
}

// root puts the reference before a pattern, unless that begins with the
// delimiter (RFC 3501, section 6.3.8).
func root(ref, pattern string) string {
	if rooted, ok := strings.CutPrefix(pattern, string(Delimiter)); ok {
		return canonicalName(rooted)
	}
	return canonicalName(ref + pattern)
}

// matchList matches a name with a LIST pattern in time that grows with the
// product of their lengths, which the pattern's author cannot make worse.
func matchList(name, pattern string) bool {
	literal := strings.IndexAny(pattern, "*%")
	if literal < 0 {
		return name == pattern
	}
	if !strings.HasPrefix(name, pattern[:literal]) {
		return false
	}
	name, pattern = name[literal:], pattern[literal:]

	// at[i] says whether the pattern read so far matches name[:i].
	at := make([]bool, len(name)+1)
	at[0] = true
	for _, p := range []byte(pattern) {
		switch p {
		case '*', '%':
			for i := range len(name) {
				at[i+1] = at[i+1] || at[i] && (p == '*' || name[i] != Delimiter)
			}
		default:
			for i := len(name) - 1; i >= 0; i-- {
				at[i+1] = at[i] && name[i] == p
			}
			at[0] = false
		}
	}
	return at[len(name)]
}
