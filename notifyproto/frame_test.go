package notifyproto_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/notifyproto"
)

var errRefused = errors.New("refused")

// frames reads a stream to its end: frames, and errors in angle brackets.
func frames(stream string, setup func(*notifyproto.FrameReader), wrap func(io.Reader) io.Reader, size int) (got []string) {
	fr := notifyproto.NewFrameReader(bufio.NewReaderSize(wrap(strings.NewReader(stream)), size))
	if setup != nil {
		setup(fr)
	}
	for range 1000 {
		frame, err := fr.ReadFrame()
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return append(got, "<"+err.Error()+">")
		case err != nil:
			got = append(got, "<"+err.Error()+">")
		default:
			got = append(got, string(frame))
		}
	}
	return append(got, "<no end>")
}

func plain(r io.Reader) io.Reader { return r }

func TestReadFrame(t *testing.T) {
	const tooLarge, eof, unexpected = "<notifyproto: frame too large>", "<EOF>", "<unexpected EOF>"
	small := func(fr *notifyproto.FrameReader) { fr.MaxSize = 10 }
	server := func(fr *notifyproto.FrameReader) {
		fr.MaxSize = 20
		fr.Continue = func(size int64) error {
			if size == 7 {
				return errRefused
			}
			return nil
		}
	}
	client := func(fr *notifyproto.FrameReader) { fr.MaxSize, fr.Responses = 40, true }
	for _, tc := range []struct {
		what, stream string
		setup        func(*notifyproto.FrameReader)
		want         []string
	}{
		{"nothing", "", nil, []string{eof}},
		{"two lines", "a NOOP\r\nb NOOP\r\n", nil, []string{"a NOOP", "b NOOP", eof}},
		{"an empty line", "\r\na\r\n", nil, []string{"", "a", eof}},
		{"no end", "a NOOP\r\nb NO", nil, []string{"a NOOP", unexpected}},
		{"a CR at the end", "a NOOP\r", nil, []string{unexpected}},
		{"lone CR and LF", "a\nb\rc\r\r\nd\n\r\n", nil, []string{"a\nb\rc\r", "d\n", eof}},
		{"a literal", "a X {3}\r\nb\r\n y\r\nc\r\n", nil, []string{"a X {3}\r\nb\r\n y", "c", eof}},
		{"literals", "a {3+}\r\n{9} {0}\r\n ~{1}\r\n\x00\r\nc\r\n", nil, []string{"a {3+}\r\n{9} {0}\r\n ~{1}\r\n\x00", "c", eof}},
		{"a literal that ends in CR, then LF", "a {1}\r\n\r\nb\r\nc\r\n", nil, []string{"a {1}\r\n\r\nb", "c", eof}},
		{"a literal without end", "a {5}\r\nabc", nil, []string{unexpected}},
		{"nothing after a literal", "a {3}\r\nabc", nil, []string{unexpected}},
		{"no literal", "a {-1}\r\nb {}\r\nc {1 }\r\nd {9223372036854775808}\r\ne {1++}\r\nf 1}\r\n", nil, []string{"a {-1}", "b {}", "c {1 }", "d {9223372036854775808}", "e {1++}", "f 1}", eof}},

		{"as large as may be", "1234567890\r\n12345678901\r\nb\r\n", small, []string{"1234567890", tooLarge, "b", eof}},
		{"a line far too large", strings.Repeat("x", 5000) + "\r\nb\r\n", small, []string{tooLarge, "b", eof}},
		{"a line too large, with literal", "12345678901 {3}\r\n\r\nx y\r\nb\r\n", small, []string{tooLarge, "b", eof}},
		{"a literal too large", "a {5}\r\nx\r\ny\r z\r\nb\r\n", small, []string{tooLarge, "b", eof}},
		{"two literals too large", "a {9}\r\n123456789 {4+}\r\n\r\n\r\n z\r\nb\r\n", small, []string{tooLarge, "b", eof}},
		{"a literal far too large", "a {9223372036854775807}\r\nx", small, []string{tooLarge, unexpected}},
		{"the end of a line too large", strings.Repeat("x", 100), small, []string{tooLarge, unexpected}},
		{"too large by an empty literal", "123456 {0}\r\n\r\nb\r\n", small, []string{tooLarge, "b", eof}},

		{"a server asks", "a {3}\r\nxyz\r\nb\r\n", server, []string{"a {3}\r\nxyz", "b", eof}},
		{"a server refuses", "a {7}\r\nb NOOP\r\n", server, []string{"<refused>", "b NOOP", eof}},
		{"a server is not asked for non-synchronizing literals", "a {7+}\r\n1234567\r\nb\r\n", server, []string{"a {7+}\r\n1234567", "b", eof}},
		{"a synchronizing literal too large is never sent", "a {99}\r\nb NOOP\r\n", server, []string{tooLarge, "b NOOP", eof}},
		{"a non-synchronizing one is", "a {19+}\r\n123456789012345678\n\r\nb\r\n", server, []string{tooLarge, "b", eof}},
		{"a line too large with a synchronizing literal", strings.Repeat("x", 30) + " {5}\r\nb\r\n", server, []string{tooLarge, "b", eof}},
		{"commands have literals", "a OK {3}\r\nxyz\r\n", server, []string{"a OK {3}\r\nxyz", eof}},

		{"text has no literals", "* OK x {3}\r\n+ {4}\r\na NO {5+}\r\n* BYE {6}\r\n* 1 FETCH (X {3}\r\n\r\n!)\r\n", client, []string{"* OK x {3}", "+ {4}", "a NO {5+}", "* BYE {6}", "* 1 FETCH (X {3}\r\n\r\n!)", eof}},
		{"codes have", "* NO [BADCHARSET ({3}\r\na\r\n)] x {3}\r\n* 1 EXISTS\r\n", client, []string{"* NO [BADCHARSET ({3}\r\na\r\n)] x {3}", "* 1 EXISTS", eof}},
		{"text too large has none either", "* OK " + strings.Repeat("x", 50) + "{3}\r\n* 1 EXISTS\r\n", client, []string{tooLarge, "* 1 EXISTS", eof}},
		{"data too large has", "* X " + strings.Repeat("x", 50) + "{3}\r\n\r\nx)\r\n* 1 EXISTS\r\n", client, []string{tooLarge, "* 1 EXISTS", eof}},
	} {
		t.Run(tc.what, func(t *testing.T) {
			for _, size := range []int{16, 4096} {
				require.Equal(t, tc.want, frames(tc.stream, tc.setup, plain, size))
				require.Equal(t, tc.want, frames(tc.stream, tc.setup, iotest.OneByteReader, size))
				require.Equal(t, tc.want, frames(tc.stream, tc.setup, iotest.HalfReader, size))
				require.Equal(t, tc.want, frames(tc.stream, tc.setup, iotest.DataErrReader, size))
			}
		})
	}
}

func TestReadFrameError(t *testing.T) {
	broken := errors.New("broken")
	fr := notifyproto.NewFrameReader(bufio.NewReader(io.MultiReader(strings.NewReader("a NO"), iotest.ErrReader(broken))))
	_, err := fr.ReadFrame()
	require.ErrorIs(t, err, broken)
}

// TestReadFrameLeaves checks that what follows a frame stays in the reader.
func TestReadFrameLeaves(t *testing.T) {
	r := bufio.NewReader(strings.NewReader("a STARTTLS\r\nrest"))
	frame, err := notifyproto.NewFrameReader(r).ReadFrame()
	require.NoError(t, err)
	require.Equal(t, "a STARTTLS", string(frame))
	rest, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, "rest", string(rest))
}

// TestReadFrameDefault has the limit that is there without MaxSize.
func TestReadFrameDefault(t *testing.T) {
	fits := strings.Repeat("x", notifyproto.DefaultMaxFrame)
	require.Equal(t, []string{fits, "<notifyproto: frame too large>", "b", "<EOF>"}, frames(fits+"\r\n"+fits+"y\r\nb\r\n", nil, plain, 4096))
}

// TestContinueSize checks when Continue is called, and with what.
func TestContinueSize(t *testing.T) {
	r, w := io.Pipe()
	var said []string
	fr := notifyproto.NewFrameReader(bufio.NewReader(r))
	fr.Continue = func(size int64) error {
		said = append(said, fmt.Sprint(size))
		go func() { _, _ = io.WriteString(w, "abcd {2+}\r\nxy\r\n") }()
		return nil
	}
	go func() { _, _ = io.WriteString(w, "a X {4}\r\n") }()
	frame, err := fr.ReadFrame()
	require.NoError(t, err)
	require.Equal(t, "a X {4}\r\nabcd {2+}\r\nxy", string(frame))
	require.Equal(t, []string{"4"}, said)
}

func TestLiteralSuffix(t *testing.T) {
	for line, want := range map[string]string{
		"{0}": "0 false true", "a {10}": "10 false true", "a{10+}": "10 true true", "~{007}": "7 false true",
		"{9223372036854775807}": "9223372036854775807 false true", "{9223372036854775808}": "0 false false",
		"": "0 false false", "}": "0 false false", "{}": "0 false false", "{+}": "0 false false", "10}": "0 false false",
		"{1}x": "0 false false", "{1} ": "0 false false", "{a1}": "0 false false", "{1-}": "0 false false",
	} {
		size, nonSync, ok := notifyproto.LiteralSuffix([]byte(line))
		if !ok {
			size, nonSync = 0, false
		}
		require.Equal(t, want, fmt.Sprint(size, nonSync, ok), line)
	}
}

func TestCutCommand(t *testing.T) {
	for frame, want := range map[string]string{
		"a NOTIFY NONE":     "a|NOTIFY|NOTIFY NONE",
		"a.1 noop":          "a.1|NOOP|noop",
		"a uid fetch 1 uid": "a|UID|uid fetch 1 uid",
		"a x {1}\r\n\x00":   "a|X|x {1}\r\n\x00",
		"a X ":              "a|X|X ",
	} {
		tag, name, command, err := notifyproto.CutCommand([]byte(frame))
		require.NoError(t, err, frame)
		require.Equal(t, want, tag+"|"+name+"|"+string(command))
	}
	for frame, want := range map[string]string{"": "", "a": "a", "a ": "a", " a NOOP": "", "+ NOOP": "", "* NOOP": "", "a  NOOP": "a", "a (": "a", "a NOOP(": "a", "a NO\x00": "a", "\xffa NOOP": "", "DONE": "DONE", "a\r\nb NOOP": "a"} {
		tag, name, command, err := notifyproto.CutCommand([]byte(frame))
		var syntax *notifyproto.SyntaxError
		require.ErrorAs(t, err, &syntax, "%q", frame)
		require.Equal(t, want, tag)
		require.Empty(t, name)
		require.Nil(t, command)
	}
}

// FuzzFrames reads any stream in one piece and octet by octet, and checks that
// every frame is one.
func FuzzFrames(f *testing.F) {
	for _, tc := range responses {
		f.Add(tc.line+"\r\n", uint8(0), true)
	}
	for _, tc := range accepted {
		f.Add("a "+tc.command+"\r\nb NOOP\r\n", uint8(0), false)
	}
	f.Add("a {9}\r\n123456789 {4+}\r\n\r\n\r\n z\r\nb\r\n", uint8(10), false)
	f.Add("a {1}\r\n\r\nb\r\nc\r\n", uint8(20), true)
	f.Fuzz(func(t *testing.T, stream string, limit uint8, responses bool) {
		for _, asks := range []bool{false, true} {
			setup := func(fr *notifyproto.FrameReader) {
				fr.MaxSize, fr.Responses = int(limit), responses
				if asks {
					fr.Continue = func(size int64) error {
						if size%2 == 1 {
							return errRefused
						}
						return nil
					}
				}
			}
			whole := frames(stream, setup, plain, 4096)
			require.Equal(t, whole, frames(stream, setup, iotest.OneByteReader, 16))
			for _, frame := range whole {
				if limit > 0 && !strings.HasPrefix(frame, "<") {
					require.LessOrEqual(t, len(frame), int(limit))
				}
			}
			joined := strings.Join(whole[:len(whole)-1], "\r\n")
			if !strings.Contains(joined, "<notifyproto: ") && !asks {
				require.True(t, strings.HasPrefix(stream, joined)) // nothing is lost
			}
		}
	})
}
