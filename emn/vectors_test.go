package emn

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// vector is a line of testdata/xml-accept.jsonl.
type vector struct {
	Name    string
	XML     string
	Strict  string
	Lenient string
	Note    string
	Expect  map[string]string
}

func vectors(t testing.TB) []vector {
	b, err := os.ReadFile("testdata/xml-accept.jsonl")
	require.NoError(t, err)
	var all []vector
	for line := range strings.Lines(string(b)) {
		var v vector
		require.NoError(t, json.Unmarshal([]byte(line), &v))
		all = append(all, v)
	}
	require.Len(t, all, 26)
	return all
}

func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			var n Notification
			var issues []Issue
			requireOutcome(t, v.Strict, Unmarshal([]byte(v.XML), &n, nil), v.Note)
			requireExpected(t, v, &n)
			requireOutcome(t, v.Lenient, Unmarshal([]byte(v.XML), &n, &ParseOptions{
				Lenient: true,
				Report:  func(i Issue) { issues = append(issues, i) },
			}), v.Note)
			requireExpected(t, v, &n)
			if v.Lenient == "accept" {
				require.Equal(t, v.Strict != "accept", len(issues) > 0, "issues: %v", issues)
			}
		})
	}
}

func requireOutcome(t *testing.T, outcome string, err error, note string) {
	t.Helper()
	switch outcome {
	case "accept":
		require.NoError(t, err, note)
	case "reject":
		require.Error(t, err, note)
	default:
		t.Fatalf("outcome %q", outcome)
	}
}

func requireExpected(t *testing.T, v vector, n *Notification) {
	t.Helper()
	x := n.Extended
	if x == nil {
		x = &Extended{}
	}
	for key, want := range v.Expect {
		var got string
		switch key {
		case "mailbox":
			got = n.Mailbox
		case "timestamp":
			got = n.Timestamp.Format(time.RFC3339)
		case "event":
			got = string(x.Event)
		case "view":
			got = x.View
		case "sequence_id":
			require.NotNil(t, x.SequenceID)
			got = strconv.FormatUint(*x.SequenceID, 10)
		case "uid":
			got = strconv.FormatUint(uint64(x.UID), 10)
		case "sender":
			got = x.Sender
		case "subject":
			got = x.Subject
		case "snippet":
			got = x.Text
		default:
			t.Fatalf("unknown key %q", key)
		}
		require.Equal(t, want, got, key)
	}
}
