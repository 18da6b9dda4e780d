// Command bench measures what watching clients cost: the memory that each one
// takes in the server's process, and the time from the answer to an APPEND to
// the notification. The server is a process of its own; the clients are here.
//
//	go run ./examples/internal/bench -n 1000,9000
//
// Numbers depend on the machine and on what else runs on it: nothing here
// fails because of one.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/emersion/go-imap/v2/imapserver"
	"golang.org/x/sync/errgroup"

	"github.com/golemonade/lemonade/examples/internal/mailserver"
	"github.com/golemonade/lemonade/examples/internal/memstore"
)

func main() {
	sizes := flag.String("n", "1,100,1000", "`numbers` of watching clients, one after the other")
	rounds := flag.Int("rounds", 30, "`number` of messages for the times")
	serve := flag.String("serve", "", "be the server: notify or bare")
	flag.Parse()
	var err error
	if *serve != "" {
		err = server(*serve)
	} else {
		err = run(*sizes, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// server serves until its standard input ends. SIGUSR1 makes it give back the
// memory that it does not use.
func server(kind string) error {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	free := make(chan os.Signal, 1)
	signal.Notify(free, syscall.SIGUSR1)
	go func() {
		for range free {
			debug.FreeOSMemory()
		}
	}()
	if kind == "bare" {
		return bare(ctx)
	}
	s, err := mailserver.Listen(&mailserver.Config{
		IMAP: "127.0.0.1:0", LMTP: "127.0.0.1:0",
		Users: []mailserver.User{{Name: "alice", Password: "alice"}},
	})
	if err != nil {
		return err
	}
	fmt.Println("listening", s.IMAPAddr())
	return s.Serve(ctx)
}

// bare is go-imap with the same store and nothing between it and the clients.
func bare(ctx context.Context) error {
	store, err := memstore.New(nil)
	if err == nil {
		err = store.AddUser("alice", "alice")
	}
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := imapserver.New(&imapserver.Options{
		NewSession: func(conn *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return store.NewSession(conn), nil, nil
		},
		Caps: memstore.Caps(), InsecureAuth: true,
	})
	context.AfterFunc(ctx, func() { s.Close() })
	fmt.Println("listening", ln.Addr())
	return s.Serve(ln)
}

func run(sizes string, rounds int) error {
	fmt.Printf("%-28s %8s %14s %14s %14s %14s\n", "server", "watchers", "KiB/watcher", "first, median", "last, median", "last, p95")
	for field := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return fmt.Errorf("-n: %q is no number of clients", field)
		}
		for _, c := range []struct{ name, kind, command, wait string }{
			{"go-imap, selected", "bare", "", ""},
			{"go-imap, IDLE", "bare", "w IDLE", " EXISTS"},
			{"lemonade, NOTIFY selected", "notify", "w NOTIFY SET (selected (MessageNew MessageExpunge))", " EXISTS"},
			{"lemonade, NOTIFY personal", "notify", "w NOTIFY SET (personal (MessageNew MessageExpunge))", "* STATUS "},
		} {
			if err := measure(c.name, c.kind, c.command, c.wait, n, rounds); err != nil {
				return fmt.Errorf("%s, %d watchers: %w", c.name, n, err)
			}
		}
	}
	return nil
}

// measure prints a row.
func measure(name, kind, command, wait string, n, rounds int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, "-serve", kind)
	cmd.Stderr = os.Stderr
	stop, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer cmd.Wait()
	defer stop.Close()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return err
	}
	addr := strings.TrimSpace(strings.TrimPrefix(line, "listening "))

	writer, err := dial(addr, "a CREATE Other\r\n", "a ")
	if err != nil {
		return err
	}
	defer writer.Close()
	before, err := memory(cmd.Process)
	if err != nil {
		return err
	}
	// A watcher of others has another mailbox selected than the one that
	// messages come into.
	selected := "INBOX"
	if wait == "* STATUS " {
		selected = "Other"
	}
	watchers := make([]net.Conn, n)
	var g errgroup.Group
	g.SetLimit(32)
	for i := range watchers {
		g.Go(func() error {
			setup := "s SELECT " + selected + "\r\n"
			until := "s "
			if command != "" {
				setup, until = setup+command+"\r\n", "w "
				if strings.HasSuffix(command, "IDLE") {
					until = "+ "
				}
			}
			var err error
			watchers[i], err = dial(addr, setup, until)
			return err
		})
	}
	err = g.Wait()
	defer func() {
		for _, w := range watchers {
			if w != nil {
				w.Close()
			}
		}
	}()
	if err != nil {
		return err
	}
	after, err := memory(cmd.Process)
	if err != nil {
		return err
	}
	fmt.Printf("%-28s %8d %14.1f", name, n, float64(after-before)/float64(n))
	if wait != "" {
		first, last, err := latency(writer, watchers, wait, rounds)
		if err != nil {
			return err
		}
		fmt.Printf(" %14v %14v %14v", median(first), median(last), percentile(last, 95))
	}
	fmt.Println()
	return nil
}

// memory returns the resident memory of a process in KiB, without what it could
// give back.
func memory(p *os.Process) (int, error) {
	if err := p.Signal(syscall.SIGUSR1); err != nil {
		return 0, err
	}
	// The collection has no end that could be seen from here: wait until the
	// size stays.
	for last := 0; ; {
		time.Sleep(200 * time.Millisecond)
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Pid))
		if err != nil {
			return 0, err
		}
		m := regexp.MustCompile(`VmRSS:\s*(\d+) kB`).FindSubmatch(status)
		if m == nil {
			return 0, errors.New("no VmRSS")
		}
		kib, err := strconv.Atoi(string(m[1]))
		if err != nil || kib == last {
			return kib, err
		}
		last = kib
	}
}

// dial logs in, sends commands, and reads until a line begins with until.
func dial(addr, commands, until string) (net.Conn, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, "l LOGIN alice alice\r\n"+commands); err != nil {
		return nil, err
	}
	r := bufio.NewReader(conn)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(line, until) {
			if !strings.HasPrefix(line, "+") && !strings.HasPrefix(line, until+"OK") {
				return nil, errors.New(strings.TrimSpace(line))
			}
			return conn, conn.SetDeadline(time.Time{})
		}
	}
}

// latency appends messages and returns how long after each OK the first and
// the last watcher had the notification; zero if it came before the OK.
func latency(writer net.Conn, watchers []net.Conn, wait string, rounds int) (first, last []time.Duration, err error) {
	arrived := make(chan time.Time, len(watchers))
	failed := make(chan error, len(watchers))
	for _, w := range watchers {
		go func() {
			buf := make([]byte, 512)
			for {
				n, err := w.Read(buf)
				if err != nil {
					failed <- err
					return
				}
				// Each message causes one notification: rounds are further
				// apart than they are gathered.
				if bytes.Contains(buf[:n], []byte(wait)) {
					arrived <- time.Now()
				}
			}
		}()
	}
	r := bufio.NewReader(writer)
	for range rounds {
		time.Sleep(50 * time.Millisecond)
		if _, err := io.WriteString(writer, "a APPEND INBOX {15+}\r\nSubject: x\r\n\r\nx\r\n"); err != nil {
			return nil, nil, err
		}
		var ok time.Time
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return nil, nil, err
			}
			if strings.HasPrefix(line, "a ") {
				ok = time.Now()
				break
			}
		}
		var times []time.Duration
		for range watchers {
			select {
			case t := <-arrived:
				times = append(times, max(0, t.Sub(ok)))
			case err := <-failed:
				return nil, nil, err
			case <-time.After(10 * time.Second):
				return nil, nil, fmt.Errorf("%d of %d watchers were told within 10 s", len(times), len(watchers))
			}
		}
		first, last = append(first, slices.Min(times)), append(last, slices.Max(times))
	}
	return first, last, nil
}

func median(d []time.Duration) time.Duration { return percentile(d, 50) }

func percentile(d []time.Duration, p int) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[(len(d)-1)*p/100].Round(time.Microsecond)
}
