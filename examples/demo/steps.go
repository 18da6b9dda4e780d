package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// maxSteps is how many lines the web page shows.
const maxSteps = 1000

// steps prints what happens, and keeps the last of it for the web page.
type steps struct {
	mu    sync.Mutex
	out   io.Writer
	lines []string
}

func (s *steps) say(step, text string) {
	line := fmt.Sprintf("%s %-9s %s\n", time.Now().Format("15:04:05.000"), step, printable(text))
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lines) == maxSteps {
		s.lines = append(s.lines[:0], s.lines[1:]...)
	}
	s.lines = append(s.lines, line)
	io.WriteString(s.out, line)
}

// ServeHTTP shows the steps as text.
func (s *steps) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	text := strings.Join(s.lines, "")
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	io.WriteString(w, text)
}

// printable keeps what came from mail from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}
