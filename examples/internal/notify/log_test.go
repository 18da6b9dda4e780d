package notify

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/msgevent"
)

func TestLogOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l Log
		var got []int
		for i := range 10 { // before anybody reads
			l.Append(&msgevent.Event{PID: i})
		}
		ctx, cancel := context.WithCancel(t.Context())
		go l.Run(ctx, func(_ context.Context, e *msgevent.Event) {
			got = append(got, e.PID)
			if e.PID == 5 {
				l.Append(&msgevent.Event{PID: 10}) // while others wait
			}
		})
		synctest.Wait()
		for i := 11; i < 20; i++ {
			l.Append(&msgevent.Event{PID: i})
			synctest.Wait()
		}
		want := make([]int, 20)
		for i := range want {
			want[i] = i
		}
		require.Equal(t, want, got)
		cancel()
		synctest.Wait()
		l.Append(&msgevent.Event{PID: 20}) // nobody is there
		synctest.Wait()
		require.Equal(t, want, got)
	})
}

func TestLogConcurrent(t *testing.T) {
	const writers, events = 8, 5000
	var l Log
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range events {
				l.Append(&msgevent.Event{PID: i, ClientPort: uint16(w)})
			}
		})
	}
	next := make([]int, writers)
	left := writers * events
	l.Run(ctx, func(_ context.Context, e *msgevent.Event) {
		require.Equal(t, next[e.ClientPort], e.PID)
		next[e.ClientPort]++
		if left--; left == 0 {
			cancel()
		}
	})
	require.Zero(t, left)
	wg.Wait()
}

func TestLogEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l Log
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			l.Run(ctx, func(context.Context, *msgevent.Event) { require.Fail(t, "there is no event") })
		}()
		synctest.Wait()
		cancel()
		<-done

		// In the middle of what it has.
		ctx, cancel = context.WithCancel(t.Context())
		for range 3 {
			l.Append(&msgevent.Event{})
		}
		handled := 0
		l.Run(ctx, func(context.Context, *msgevent.Event) { handled++; cancel() })
		require.Equal(t, 1, handled)
	})
}
