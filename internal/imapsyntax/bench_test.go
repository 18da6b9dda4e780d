package imapsyntax_test

import (
	"testing"

	"github.com/golemonade/lemonade/internal/imapsyntax"
	"github.com/stretchr/testify/require"
)

// frame has one of each production, without the copies that strings are.
var frame = []byte("a001 SELECTED-DELAYED (1 22 333) 4294967295 {5+}\r\nhello nil\r\n")

func scanFrame(s *imapsyntax.Scanner) error {
	s.Take(imapsyntax.ClassTag)
	if err := s.SP(); err != nil {
		return err
	}
	if _, err := s.Keyword("SELECTED", "SELECTED-DELAYED"); err != nil {
		return err
	}
	if err := s.SP(); err != nil {
		return err
	}
	var sum uint32
	err := s.List(func() error {
		n, err := s.Number()
		sum += n
		return err
	})
	if err != nil {
		return err
	}
	if err := s.SP(); err != nil {
		return err
	}
	if _, err := s.NZNumber(); err != nil {
		return err
	}
	if err := s.SP(); err != nil {
		return err
	}
	if _, err := s.Literal(); err != nil {
		return err
	}
	if err := s.SP(); err != nil {
		return err
	}
	if _, _, err := s.NString(); err != nil {
		return err
	}
	return s.CRLF()
}

func appendAll(b []byte) error {
	b, err := imapsyntax.AppendTag(b, "a001")
	if err != nil {
		return err
	}
	if b, err = imapsyntax.AppendAtom(b, "NOTIFY"); err != nil {
		return err
	}
	if b, err = imapsyntax.AppendAString(b, `Lists "lemonade"`, false); err != nil {
		return err
	}
	if b, err = imapsyntax.AppendMailbox(b, "台北/日本語", false); err != nil {
		return err
	}
	if b, err = imapsyntax.AppendMailbox(b, "台北/日本語", true); err != nil {
		return err
	}
	if b, err = imapsyntax.AppendString(b, "a\r\nb", false, imapsyntax.SyncLiteral); err != nil {
		return err
	}
	_, err = imapsyntax.AppendNumber64(imapsyntax.AppendNumber(b, 42), 42)
	return err
}

func TestAllocs(t *testing.T) {
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if err := scanFrame(imapsyntax.NewScanner(frame)); err != nil {
			t.Fatal(err)
		}
	}))
	buf := make([]byte, 0, 1024)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if err := appendAll(buf); err != nil {
			t.Fatal(err)
		}
	}))
	// A string is one copy; INBOX is none.
	require.Equal(t, 1.0, testing.AllocsPerRun(100, func() {
		_, _ = imapsyntax.NewScanner([]byte(`"Lists lemonade"`)).Mailbox()
	}))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = imapsyntax.NewScanner([]byte(`"inbox"`)).Mailbox()
	}))
}

func BenchmarkScanner(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(frame)))
	for b.Loop() {
		if err := scanFrame(imapsyntax.NewScanner(frame)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMailbox(b *testing.B) {
	for _, name := range []string{"INBOX", "Lists/lemonade", "&U,BTF2XlZyyKng-"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := imapsyntax.NewScanner([]byte(name)).Mailbox(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if err := appendAll(buf); err != nil {
			b.Fatal(err)
		}
	}
}
