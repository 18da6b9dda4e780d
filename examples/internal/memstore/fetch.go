package memstore

import (
	"bufio"
	"bytes"
	"io"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-message/textproto"
)

// fetched is a message as it was when FETCH looked at it.
type fetched struct {
	seqNum uint32
	*message
	flags []imap.Flag
	seen  bool // this FETCH set \Seen
}

// Fetch implements imapserver.Session.
func (s *Session) Fetch(w *imapserver.FetchWriter, numSet imap.NumSet, options *imap.FetchOptions) error {
	msgs, err := s.fetch(numSet, options)
	if err != nil {
		return err
	}
	for _, m := range msgs {
		if err := m.write(w, options); err != nil {
			return err
		}
	}
	return nil
}

// fetch takes under the lock what FETCH will write, and sets \Seen where
// BODY[...] without PEEK asks for it (RFC 3501, section 6.4.5).
func (s *Session) fetch(numSet imap.NumSet, options *imap.FetchOptions) ([]fetched, error) {
	defer s.begin()()
	v := s.view
	msgs, err := v.messages(numSet)
	if err != nil {
		return nil, err
	}
	read := !v.readOnly && readsBody(options)
	out := make([]fetched, 0, len(msgs))
	var changes []flagChange
	seen := []imap.Flag{imap.FlagSeen}
	for _, m := range msgs {
		f := fetched{seqNum: m.seqNum, message: m.message}
		before := m.modSeq
		if read && v.mbox.setFlags(m.message, withFlags(m.flags, seen)) {
			f.seen = true
			v.setOwn(m.message, before, true)
			changes = append(changes, flagChange{m: m.message, set: seen})
		}
		f.flags = m.flags
		out = append(out, f)
	}
	s.user.publishFlags(v.mbox, changes, s.origin)
	return out, nil
}

func readsBody(options *imap.FetchOptions) bool {
	for _, bs := range options.BodySection {
		if !bs.Peek {
			return true
		}
	}
	for _, bs := range options.BinarySection {
		if !bs.Peek {
			return true
		}
	}
	return false
}

// write writes one FETCH response.
func (m *fetched) write(w *imapserver.FetchWriter, options *imap.FetchOptions) error {
	// Sections are made before the response is begun, which locks the
	// connection's writing side.
	body := make([][]byte, len(options.BodySection))
	for i, section := range options.BodySection {
		body[i] = bodySection(m.body, section)
	}
	binary := make([][]byte, len(options.BinarySection))
	for i, section := range options.BinarySection {
		binary[i] = binarySection(m.body, section.Part, section.Partial)
	}

	resp := w.CreateMessage(m.seqNum)
	if options.UID {
		resp.WriteUID(m.uid)
	}
	if options.Flags || m.seen {
		resp.WriteFlags(m.flags)
	}
	if options.InternalDate {
		resp.WriteInternalDate(m.date)
	}
	if options.RFC822Size {
		resp.WriteRFC822Size(int64(len(m.body)))
	}
	if options.Envelope {
		resp.WriteEnvelope(envelope(m.body))
	}
	if options.BodyStructure != nil {
		resp.WriteBodyStructure(bodyStructure(m.body))
	}
	var err error
	write := func(wc io.WriteCloser, b []byte) {
		if _, werr := wc.Write(b); err == nil {
			err = werr
		}
		if cerr := wc.Close(); err == nil {
			err = cerr
		}
	}
	for i, section := range options.BodySection {
		write(resp.WriteBodySection(section, int64(len(body[i]))), body[i])
	}
	for i, section := range options.BinarySection {
		write(resp.WriteBinarySection(section, int64(len(binary[i]))), binary[i])
	}
	for _, section := range options.BinarySectionSize {
		resp.WriteBinarySectionSize(section, uint32(len(binarySection(m.body, section.Part, nil))))
	}
	if cerr := resp.Close(); err == nil {
		err = cerr
	}
	return err
}

// bodySection returns a section of BODY[...]. Those of the message itself are
// cut from its octets, so that a message that is not well-formed comes back as
// it is; parts are found by go-message.
func bodySection(body []byte, section *imap.FetchItemBodySection) []byte {
	header, text := splitHeader(body)
	var b []byte
	switch {
	case len(section.Part) > 0 && tooNested(body):
	case len(section.Part) > 0:
		whole := *section
		whole.Partial = nil
		b = imapserver.ExtractBodySection(bytes.NewReader(body), &whole)
	case section.Specifier == imap.PartSpecifierText:
		b = text
	case section.Specifier == imap.PartSpecifierHeader && len(section.HeaderFields) > 0:
		b = headerFields(header, section.HeaderFields, true)
	case section.Specifier == imap.PartSpecifierHeader && len(section.HeaderFieldsNot) > 0:
		b = headerFields(header, section.HeaderFieldsNot, false)
	case section.Specifier == imap.PartSpecifierHeader:
		b = header
	default:
		b = body
	}
	return cut(b, section.Partial)
}

// headerFields returns the fields that are named, or those that are not, as
// they stand, and the empty line (RFC 3501, section 6.4.5).
func headerFields(header []byte, names []string, named bool) []byte {
	var out []byte
	keep := false
	for line := range bytes.Lines(header) {
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			break
		}
		if line[0] != ' ' && line[0] != '\t' { // else it goes on with the field before
			name, _, _ := bytes.Cut(line, []byte(":"))
			keep = containsFold(names, strings.TrimRight(string(name), " \t\r\n")) == named
		}
		if keep {
			out = append(out, line...)
		}
	}
	return append(out, "\r\n"...)
}

func containsFold(list []string, s string) bool {
	for _, v := range list {
		if strings.EqualFold(v, s) {
			return true
		}
	}
	return false
}

// binarySection returns a part with its transfer encoding removed, RFC 3516.
func binarySection(body []byte, part []int, partial *imap.SectionPartial) []byte {
	if tooNested(body) {
		if len(part) > 0 {
			return nil
		}
		return cut(body, partial)
	}
	b := imapserver.ExtractBinarySection(bytes.NewReader(body), &imap.FetchItemBinarySection{Part: part})
	return cut(b, partial)
}

// cut returns the octets that a partial fetch asks for; imapserver's own
// overflows where offset and size add up to more than an int64.
func cut(b []byte, partial *imap.SectionPartial) []byte {
	if partial == nil {
		return b
	}
	if partial.Offset >= int64(len(b)) {
		return nil
	}
	b = b[partial.Offset:]
	return b[:min(partial.Size, int64(len(b)))]
}

func envelope(body []byte) *imap.Envelope {
	header, _ := splitHeader(body)
	return imapserver.ExtractEnvelope(parseHeader(header))
}

// parseHeader parses what it can of a header: a line that is no field ends it.
func parseHeader(header []byte) textproto.Header {
	h, _ := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(header)))
	return h
}

// bodyStructure returns a message's structure, repaired where imapserver would
// panic: a multipart without parts is written as the text it is.
func bodyStructure(body []byte) imap.BodyStructure {
	if tooNested(body) {
		return &imap.BodyStructureSinglePart{
			Type: "application", Subtype: "octet-stream", Size: uint32(len(body)),
			Extended: &imap.BodyStructureSinglePartExt{},
		}
	}
	return repair(imapserver.ExtractBodyStructure(bytes.NewReader(body)))
}

// tooNested reports whether a message may have so many levels that looking for
// its parts is not worth it: each level is a copy of what is inside, or one
// more reader for all of its octets, so that a small message with thousands of
// levels could take all memory.
func tooNested(body []byte) bool {
	const plenty, most = 10, 256 << 20
	levels := 0
	for i, c := range body {
		if c == '/' && (endsFold(body[:i], "message") || endsFold(body[:i], "multipart")) {
			levels++
		}
	}
	return levels > plenty && levels*len(body) > most
}

func endsFold(b []byte, suffix string) bool {
	return len(b) >= len(suffix) && strings.EqualFold(string(b[len(b)-len(suffix):]), suffix)
}

func repair(bs imap.BodyStructure) imap.BodyStructure {
	switch bs := bs.(type) {
	case *imap.BodyStructureMultiPart:
		if len(bs.Children) == 0 {
			return &imap.BodyStructureSinglePart{
				Type: "text", Subtype: "plain",
				Text:     &imap.BodyStructureText{},
				Extended: &imap.BodyStructureSinglePartExt{},
			}
		}
		for i := range bs.Children {
			bs.Children[i] = repair(bs.Children[i])
		}
	case *imap.BodyStructureSinglePart:
		if bs.Type == "" || bs.Subtype == "" {
			bs.Type, bs.Subtype, bs.Text = "application", "octet-stream", nil
		}
		if bs.MessageRFC822 != nil {
			bs.MessageRFC822.BodyStructure = repair(bs.MessageRFC822.BodyStructure)
		}
	}
	return bs
}
