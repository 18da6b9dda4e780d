package memstore

import (
	"bytes"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	gomessage "github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // the charsets that mail is written in
	"github.com/emersion/go-message/mail"
)

// Search implements imapserver.Session. Messages are read without the lock.
func (s *Session) Search(kind imapserver.NumKind, criteria *imap.SearchCriteria, options *imap.SearchOptions) (*imap.SearchData, error) {
	end := s.begin()
	c, err := s.view.resolveCriteria(criteria)
	if err != nil {
		end()
		return nil, err
	}
	msgs := make([]candidate, 0, len(s.view.msgs))
	for i, m := range s.view.msgs {
		if !m.expunged {
			msgs = append(msgs, candidate{seqNum: uint32(i + 1), message: m, flags: m.flags})
		}
	}
	end()

	var found []*candidate
	for i := range msgs {
		if msgs[i].matches(c) {
			found = append(found, &msgs[i])
		}
	}
	data := searchData(kind, found)
	if options.ReturnSave {
		defer s.begin()()
		if s.view != nil {
			s.view.searchRes = saved(found, options)
		}
	}
	return data, nil
}

func searchData(kind imapserver.NumKind, found []*candidate) *imap.SearchData {
	var seqs imap.SeqSet
	var uids imap.UIDSet
	for _, m := range found {
		seqs.AddNum(m.seqNum)
		uids.AddNum(m.uid)
	}
	data := &imap.SearchData{All: seqs, Count: uint32(len(found))}
	number := func(m *candidate) uint32 { return m.seqNum }
	if kind == imapserver.NumKindUID {
		data.All = uids
		number = func(m *candidate) uint32 { return uint32(m.uid) }
	}
	if len(found) > 0 {
		data.Min, data.Max = number(found[0]), number(found[len(found)-1])
	}
	return data
}

// saved is what SAVE remembers: all that was found, or with only MIN and MAX
// asked for just these (RFC 5182, section 2.4).
func saved(found []*candidate, options *imap.SearchOptions) imap.UIDSet {
	var uids imap.UIDSet
	some := (options.ReturnMin || options.ReturnMax) && !options.ReturnAll && !options.ReturnCount
	for i, m := range found {
		if !some || options.ReturnMin && i == 0 || options.ReturnMax && i == len(found)-1 {
			uids.AddNum(m.uid)
		}
	}
	return uids
}

// criteria is imap.SearchCriteria with its message sets looked up.
type criteria struct {
	*imap.SearchCriteria
	sets []map[*message]bool
	not  []*criteria
	or   [][2]*criteria
}

func (v *view) resolveCriteria(sc *imap.SearchCriteria) (*criteria, error) {
	c := &criteria{SearchCriteria: sc}
	add := func(set imap.NumSet) error {
		msgs, err := v.messages(set)
		if err != nil {
			return err
		}
		m := make(map[*message]bool, len(msgs))
		for _, n := range msgs {
			m[n.message] = true
		}
		c.sets = append(c.sets, m)
		return nil
	}
	for _, set := range sc.SeqNum {
		if err := add(set); err != nil {
			return nil, err
		}
	}
	for _, set := range sc.UID {
		if err := add(set); err != nil {
			return nil, err
		}
	}
	for i := range sc.Not {
		n, err := v.resolveCriteria(&sc.Not[i])
		if err != nil {
			return nil, err
		}
		c.not = append(c.not, n)
	}
	for i := range sc.Or {
		var pair [2]*criteria
		for j := range pair {
			p, err := v.resolveCriteria(&sc.Or[i][j])
			if err != nil {
				return nil, err
			}
			pair[j] = p
		}
		c.or = append(c.or, pair)
	}
	return c, nil
}

// candidate is a message that SEARCH looks at, with what was parsed of it.
type candidate struct {
	seqNum uint32
	*message
	flags  []imap.Flag
	header *mail.Header
}

// matches reports whether all of the criteria hold, RFC 3501, section 6.4.4.
func (m *candidate) matches(c *criteria) bool {
	for _, set := range c.sets {
		if !set[m.message] {
			return false
		}
	}
	for _, f := range c.Flag {
		if !hasFlag(m.flags, f) {
			return false
		}
	}
	for _, f := range c.NotFlag {
		if hasFlag(m.flags, f) {
			return false
		}
	}
	size := int64(len(m.body))
	if c.Larger != 0 && size <= c.Larger || c.Smaller != 0 && size >= c.Smaller {
		return false
	}
	if !inDays(m.date, c.Since, c.Before) {
		return false
	}
	if !c.SentSince.IsZero() || !c.SentBefore.IsZero() {
		sent, err := m.parsed().Date()
		if err != nil || sent.IsZero() || !inDays(sent, c.SentSince, c.SentBefore) {
			return false
		}
	}
	for _, h := range c.Header {
		if !fieldsContain(m.parsed().FieldsByKey(h.Key), h.Value) {
			return false
		}
	}
	for _, text := range c.Text {
		if !bodyContains(m.body, text, true) {
			return false
		}
	}
	for _, text := range c.Body {
		if !bodyContains(m.body, text, false) {
			return false
		}
	}
	for _, not := range c.not {
		if m.matches(not) {
			return false
		}
	}
	for _, or := range c.or {
		if !m.matches(or[0]) && !m.matches(or[1]) {
			return false
		}
	}
	return true
}

func (m *candidate) parsed() *mail.Header {
	if m.header == nil {
		header, _ := splitHeader(m.body)
		m.header = &mail.Header{Header: gomessage.Header{Header: parseHeader(header)}}
	}
	return m.header
}

// inDays compares dates without time and zone, as RFC 3501 asks.
func inDays(t, since, before time.Time) bool {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return (since.IsZero() || !day.Before(since)) && (before.IsZero() || day.Before(before))
}

func fieldsContain(fields gomessage.HeaderFields, pattern string) bool {
	for fields.Next() {
		text, err := fields.Text()
		if err != nil {
			text = fields.Value()
		}
		if contains(text, pattern) {
			return true
		}
	}
	return false
}

// bodyContains searches a message, with its header or without.
func bodyContains(body []byte, pattern string, header bool) bool {
	if tooNested(body) {
		return contains(string(body), pattern)
	}
	return entityContains(readEntity(body), pattern, header)
}

// readEntity opens a message; one in an unknown charset or transfer encoding
// is searched as it stands.
func readEntity(body []byte) *gomessage.Entity {
	e, _ := gomessage.Read(bytes.NewReader(body))
	if e == nil {
		e, _ = gomessage.New(gomessage.Header{}, bytes.NewReader(body))
	}
	return e
}

// entityContains searches the texts of an entity and of its parts.
func entityContains(e *gomessage.Entity, pattern string, header bool) bool {
	if header && fieldsContain(e.Header.Fields(), pattern) {
		return true
	}
	if parts := e.MultipartReader(); parts != nil {
		for {
			part, err := parts.NextPart()
			if part == nil || err != nil && !gomessage.IsUnknownCharset(err) && !gomessage.IsUnknownEncoding(err) {
				return false
			}
			if entityContains(part, pattern, header) {
				return true
			}
		}
	}
	mediaType, _, _ := e.Header.ContentType()
	if mediaType != "" && !strings.HasPrefix(mediaType, "text/") && !strings.HasPrefix(mediaType, "message/") {
		return false
	}
	text, _ := io.ReadAll(e.Body)
	return contains(string(text), pattern)
}

func contains(s, pattern string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(pattern))
}
