package notifyproto_test

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	imap "github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/notifyproto"
)

// side returns what one side of a recorded connection sent. What follows a
// literal stands on a line of its own there, if the client had to wait.
func side(t *testing.T, file, prefix string) string {
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	var sb strings.Builder
	literal := int64(-1)
	for line := range strings.Lines(string(b)) {
		if text, ok := strings.CutPrefix(line, prefix); ok {
			text = strings.TrimSuffix(text, "\n")
			sb.WriteString(text)
			if int64(len(text)) != literal {
				sb.WriteString("\r\n")
			}
			literal = -1
			if size, nonSync, ok := notifyproto.LiteralSuffix([]byte(text)); ok && !nonSync {
				literal = size
			}
		}
	}
	return sb.String()
}

// TestDovecotResponses reads every response in the transcripts, writes it again
// and reads that.
func TestDovecotResponses(t *testing.T) {
	files, err := filepath.Glob("testdata/dovecot/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	kinds := make(map[string]int)
	for _, file := range files {
		for _, prefix := range []string{"S: ", "S2: ", "S3: "} {
			fr := notifyproto.NewFrameReader(bufio.NewReader(strings.NewReader(side(t, file, prefix))))
			fr.Responses = true
			for {
				frame, err := fr.ReadFrame()
				if err == io.EOF {
					break
				}
				require.NoError(t, err, file)
				if frame[0] == '+' {
					continue
				}
				if frame[0] != '*' {
					_, resp, err := notifyproto.ParseTagged(frame)
					require.NoError(t, err, "%s: %q", file, frame)
					require.NotEmpty(t, resp.Text)
					if names, ok := notifyproto.ParseBadEvent(resp.Code); ok {
						kinds["badevent "+strings.Join(names, " ")]++
					}
					continue
				}
				r, err := notifyproto.ParseResponse(frame, nil)
				require.NoError(t, err, "%s: %q", file, frame)
				b, err := notifyproto.AppendResponse(nil, r, nil)
				require.NoError(t, err, "%s: %q", file, frame)
				again, err := notifyproto.ParseResponse(b, nil)
				require.NoError(t, err, "%s: %q", file, b)
				require.Equal(t, r, again)
				kinds[strings.TrimPrefix(typeName(r), "notifyproto.")]++
			}
		}
	}
	for _, kind := range []string{"Status", "List", "Metadata", "Exists", "Recent", "Expunge", "Vanished", "Fetch", "Other", "badevent MailboxMetadataChange"} {
		require.NotZero(t, kinds[kind], "%s: %v", kind, kinds)
	}
}

// TestDovecotCommands compares the answer to every NOTIFY in the transcripts
// with what Validate and the parser say. Where Dovecot is more lenient than RFC
// 5465 the reason is named.
func TestDovecotCommands(t *testing.T) {
	// What Dovecot takes and the RFC does not, by what it is about.
	lenient := []*regexp.Regexp{
		regexp.MustCompile(`^NOTIFY (NONE extra|SET|SET |SET STATUS)$`),                                                                    // section 8: no group, or more than NONE
		regexp.MustCompile(`(NONE|\)) extra\)$|bogus NONE|  |NONE\)\(|\)\(selected`),                                                       // section 8
		regexp.MustCompile(`^[^(]*\((?:personal|mailboxes \S+|subtree \S+|inboxes|subscribed) \((MessageNew|MessageExpunge|FlagChange)\)`), // section 5: pairs
		regexp.MustCompile(`selected \(MailboxName|selected \(.*(MailboxName|SubscriptionChange)`),                                         // section 6.1
		regexp.MustCompile(`"bad&name"|&ACA-|"Entw\x{fc}rfe"|Entwürfe`),                                                                    // RFC 3501, section 5.1.3
	}
	// What the RFC takes and Dovecot does not.
	strict := []*regexp.Regexp{
		regexp.MustCompile(`mailboxes NIL `), // an astring
		regexp.MustCompile(`X-Bogus| FAST `), // section 3.1 wants NO
		regexp.MustCompile(`FLAGS BOGUS`),    // a fetch-att it does not know
	}
	files, err := filepath.Glob("testdata/dovecot/*.txt")
	require.NoError(t, err)
	count := 0
	for _, file := range files {
		for _, n := range []string{"", "2", "3"} {
			answers := make(map[string]*imap.StatusResponse)
			fr := notifyproto.NewFrameReader(bufio.NewReader(strings.NewReader(side(t, file, "S"+n+": "))))
			fr.Responses = true
			for {
				frame, err := fr.ReadFrame()
				if err == io.EOF {
					break
				}
				require.NoError(t, err)
				if tag, resp, err := notifyproto.ParseTagged(frame); err == nil {
					answers[tag] = resp
				}
			}
			fr = notifyproto.NewFrameReader(bufio.NewReader(strings.NewReader(side(t, file, "C"+n+": "))))
			for {
				frame, err := fr.ReadFrame()
				if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
					break // literals are recorded without their last CRLF
				}
				require.NoError(t, err)
				tag, name, command, err := notifyproto.CutCommand(frame)
				if err != nil || name != "NOTIFY" || answers[tag] == nil || answers[tag].Text == "Error in IMAP command received by server." {
					continue
				}
				count++
				cmd, err := notifyproto.ParseCommand(command, nil)
				if set, ok := cmd.(notifyproto.Set); ok {
					err = errors.Join(set.Validate(), set.CheckEvents("MessageNew", "MessageExpunge", "FlagChange", "MailboxName", "SubscriptionChange"))
				}
				if answers[tag].Code == notifyproto.ResponseCodeNotificationOverflow {
					continue // too expensive for it
				}
				ours := imap.StatusResponseTypeOK
				if resp := notifyproto.StatusError(err); resp != nil {
					ours = resp.Type
				}
				theirs := answers[tag].Type
				switch {
				case ours == theirs:
				case theirs == imap.StatusResponseTypeOK:
					require.True(t, anyMatch(lenient, string(command)), "%s: %q: Dovecot says OK: %v", file, command, err)
				default:
					require.True(t, anyMatch(strict, string(command)), "%s: %q: Dovecot says %v: %v", file, command, answers[tag], err)
				}
			}
		}
	}
	require.Greater(t, count, 100)
}

func anyMatch(list []*regexp.Regexp, s string) bool {
	for _, re := range list {
		if re.MatchString(s) {
			return true
		}
	}
	return false
}
