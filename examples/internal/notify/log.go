// Package notify is the notification engine that the example servers share:
// the log of events between a mail store and those who act on them.
package notify

import (
	"context"
	"sync"

	"github.com/golemonade/lemonade/msgevent"
)

// Log is an event log in memory: it takes events without making the store
// wait, and gives them out in the order they came. It is as large as its
// reader is behind. The zero value is an empty log.
type Log struct {
	mu     sync.Mutex
	events []*msgevent.Event
	more   chan struct{} // closed when an event was added to an empty log
}

// Append adds an event. It does not block.
func (l *Log) Append(e *msgevent.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
}

// Run calls handle for each event, one after the other, until ctx is done.
func (l *Log) Run(ctx context.Context, handle func(context.Context, *msgevent.Event)) {
	for {
		batch := l.take(ctx)
		if batch == nil {
			return
		}
		for _, e := range batch {
			if ctx.Err() != nil {
				return
			}
			handle(ctx, e)
		}
	}
}

// take returns all events there are, waiting for one, or nil when ctx is done.
func (l *Log) take(ctx context.Context) []*msgevent.Event {
	for {
		l.mu.Lock()
		batch := l.events
		l.events = nil
		var more chan struct{}
		if batch == nil {
			if l.more == nil {
				l.more = make(chan struct{})
			}
			more = l.more
		}
		l.mu.Unlock()
		if batch != nil {
			return batch
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil
		}
	}
}
