package notifyproto

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
)

// DefaultMaxFrame limits a frame if FrameReader.MaxSize is 0, in octets. It has
// room for a thousand mailbox names, ten times what the servers that count them
// take; RFC 2683, section 3.2.1.5 wants 8000 octets at least.
const DefaultMaxFrame = 64 << 10

// keepBuffer is the largest buffer, in octets, that a FrameReader keeps for the
// next frame: more than nearly every frame needs, and little for a connection
// that is idle for hours.
const keepBuffer = 8 << 10

// ErrFrameTooLarge is returned by ReadFrame for a frame over MaxSize.
var ErrFrameTooLarge = errors.New("notifyproto: frame too large")

// FrameReader splits a stream into frames: commands, or responses.
//
// A frame is one line and every literal it announces, with the lines that follow
// these, so an error in parsing it never costs the position in the stream. Lines
// end with CRLF alone: a lone CR or LF is part of the frame, where no production
// takes it.
//
// The fields are set before the first ReadFrame. A FrameReader is made by
// [NewFrameReader] and is not for concurrent use.
type FrameReader struct {
	// MaxSize limits a frame in octets, literals included and the final CRLF
	// not. Zero means DefaultMaxFrame.
	MaxSize int

	// Continue, if set, is called with the size before a synchronizing literal
	// is read: a server sends its continuation request there. If it returns an
	// error, the client will not send the literal; ReadFrame returns the error,
	// and the next call finds the next command. It is not called for a literal
	// that makes the frame too large, which ends it likewise.
	//
	// Without it the octets of every literal are expected to follow.
	Continue func(size int64) error

	// Responses says that the frames are a server's responses, where a line of
	// text may end like a literal and announces none; see [EndsInText].
	Responses bool

	r    *bufio.Reader
	buf  []byte
	skip skip
}

// skip is what is left to be discarded of a frame that was too large.
type skip struct {
	active bool
	octets int64  // of a literal
	tail   []byte // the last octets of the line after it
}

// tailSize is how much of a discarded line is kept: enough for CRLF after the
// longest literal announcement, "{9223372036854775807+}", and leading zeros.
const tailSize = 64

// NewFrameReader returns a reader of frames from r. What r has buffered beyond a
// frame stays there.
func NewFrameReader(r *bufio.Reader) *FrameReader {
	return &FrameReader{r: r}
}

// ReadFrame returns the next frame without its final CRLF. The slice is valid
// until the next call.
//
// After ErrFrameTooLarge, which is returned as soon as it is certain, the next
// call discards the rest and finds the next frame. After an error of Continue
// the next call finds the next frame, too. Other errors are those of the
// reader: io.EOF between two frames, io.ErrUnexpectedEOF inside one.
func (fr *FrameReader) ReadFrame() ([]byte, error) {
	if err := fr.discard(); err != nil {
		return nil, err
	}
	if cap(fr.buf) > keepBuffer {
		fr.buf = nil
	}
	fr.buf = fr.buf[:0]
	for {
		line := len(fr.buf)
		if err := fr.readLine(line); err != nil {
			return nil, err
		}
		size, nonSync, ok := LiteralSuffix(fr.buf[line : len(fr.buf)-2])
		if !ok || fr.Responses && endsInText(fr.buf[:len(fr.buf)-2], line) {
			return fr.buf[:len(fr.buf)-2], nil
		}
		waits := !nonSync && fr.Continue != nil
		if size > int64(fr.max()-len(fr.buf)) {
			if !waits {
				fr.skip = skip{active: true, octets: size}
			}
			return nil, ErrFrameTooLarge
		}
		if waits {
			if err := fr.Continue(size); err != nil {
				return nil, err
			}
		}
		if err := fr.readLiteral(int(size)); err != nil {
			return nil, err
		}
	}
}

func (fr *FrameReader) max() int {
	if fr.MaxSize > 0 {
		return fr.MaxSize
	}
	return DefaultMaxFrame
}

// readLine appends a line with its CRLF to buf, where it starts at the offset
// from: what is before it may end with a CR that is not part of a CRLF.
func (fr *FrameReader) readLine(from int) error {
	for {
		chunk, err := fr.r.ReadSlice('\n')
		fr.buf = append(fr.buf, chunk...)
		done := err == nil && bytes.HasSuffix(fr.buf[from:], []byte("\r\n"))
		size := len(fr.buf)
		if done {
			size -= 2
		} else if bytes.HasSuffix(fr.buf[from:], []byte("\r")) {
			size-- // may be the CR of the final CRLF
		}
		switch {
		case size > fr.max():
			fr.skip = skip{active: true, tail: tail(fr.buf[from:])}
			return ErrFrameTooLarge
		case err != nil && err != bufio.ErrBufferFull:
			if err == io.EOF && len(fr.buf) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return err
		case done:
			return nil
		}
	}
}

// readLiteral appends size octets to buf. It makes room as they come, not when
// they are announced.
func (fr *FrameReader) readLiteral(size int) error {
	for size > 0 {
		from, n := len(fr.buf), min(size, keepBuffer)
		fr.buf = append(fr.buf, make([]byte, n)...)
		if _, err := io.ReadFull(fr.r, fr.buf[from:]); err == io.EOF {
			return io.ErrUnexpectedEOF
		} else if err != nil {
			return err
		}
		size -= n
	}
	return nil
}

// discard reads over what is left of a frame that was too large.
func (fr *FrameReader) discard() error {
	for fr.skip.active {
		var err error
		if fr.skip.octets > 0 {
			var n int
			n, err = fr.r.Discard(int(min(fr.skip.octets, math.MaxInt32)))
			fr.skip.octets -= int64(n)
		} else {
			err = fr.discardLine()
		}
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// discardLine reads on in a line that is discarded, and at its end sees whether
// a literal follows.
func (fr *FrameReader) discardLine() error {
	if line := fr.skip.tail; bytes.HasSuffix(line, []byte("\r\n")) {
		size, nonSync, ok := LiteralSuffix(line[:len(line)-2])
		waits := !nonSync && fr.Continue != nil
		// What fitted decides, so that the size of the reader's buffer does not.
		text := fr.Responses && endsInText(fr.buf[:min(len(fr.buf), fr.max())], 0)
		fr.skip = skip{active: ok && !waits && !text, octets: size}
		return nil
	}
	chunk, err := fr.r.ReadSlice('\n')
	fr.skip.tail = tail(append(fr.skip.tail, chunk...))
	if err == bufio.ErrBufferFull {
		err = nil
	}
	return err
}

// tail returns a copy of the end of line.
func tail(line []byte) []byte {
	return bytes.Clone(line[max(0, len(line)-tailSize):])
}
