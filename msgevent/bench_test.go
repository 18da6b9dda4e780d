package msgevent

import (
	"encoding/json"
	"testing"
	"time"
)

// tagged is what a consumer of Cyrus' JSON writes without this package: a
// struct with tags for the members it knows; the rest is lost.
type tagged struct {
	Event         string          `json:"event"`
	Timestamp     time.Time       `json:"timestamp"`
	Service       string          `json:"service,omitempty"`
	MailboxID     string          `json:"mailboxID,omitempty"`
	URI           string          `json:"uri,omitempty"`
	ModSeq        uint64          `json:"modseq,omitempty"`
	Messages      *uint32         `json:"messages,omitempty"`
	Unseen        *uint32         `json:"vnd.cmu.unseenMessages,omitempty"`
	UIDNext       uint32          `json:"uidnext,omitempty"`
	MIDSet        []string        `json:"vnd.cmu.midset,omitempty"`
	PID           int             `json:"pid,omitempty"`
	User          string          `json:"user"`
	MessageSize   *int64          `json:"messageSize,omitempty"`
	MBType        string          `json:"vnd.cmu.mbtype,omitempty"`
	ServerFQDN    string          `json:"serverFQDN,omitempty"`
	MailboxACL    string          `json:"vnd.cmu.mailboxACL,omitempty"`
	Envelope      string          `json:"vnd.cmu.envelope,omitempty"`
	SessionID     string          `json:"vnd.cmu.sessionId,omitempty"`
	BodyStructure string          `json:"bodyStructure,omitempty"`
	ClientID      string          `json:"vnd.fastmail.clientId"`
	FMSessionID   string          `json:"vnd.fastmail.sessionId,omitempty"`
	CID           string          `json:"vnd.fastmail.cid,omitempty"`
	EmailID       string          `json:"vnd.cmu.emailid,omitempty"`
	ThreadID      string          `json:"vnd.cmu.threadid,omitempty"`
	JMAPEmail     json.RawMessage `json:"vnd.fastmail.jmapEmail,omitempty"`
}

const benchFile = "MessageNew-1.json"

func BenchmarkUnmarshalJSON(b *testing.B) {
	data := cyrusFiles(b)[benchFile]
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var e Event
		if err := e.UnmarshalJSON(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodingJSONUnmarshal(b *testing.B) {
	data := cyrusFiles(b)[benchFile]
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var e tagged
		if err := json.Unmarshal(data, &e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	data := cyrusFiles(b)[benchFile]
	var e Event
	if err := e.UnmarshalJSON(data); err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 0, 64<<10)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = e.AppendJSON(buf[:0]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodingJSONMarshal(b *testing.B) {
	data := cyrusFiles(b)[benchFile]
	var e tagged
	if err := json.Unmarshal(data, &e); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(e); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAppendJSONAllocates0(t *testing.T) {
	events := []*Event{full()}
	for _, data := range cyrusFiles(t) {
		e := new(Event)
		if err := e.UnmarshalJSON(data); err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	buf := make([]byte, 0, 64<<10)
	for _, e := range events {
		if n := testing.AllocsPerRun(100, func() { buf, _ = e.AppendJSON(buf[:0]) }); n != 0 {
			t.Errorf("%v allocations for %s", n, buf)
		}
	}
}
