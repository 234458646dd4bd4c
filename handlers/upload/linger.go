package upload

import (
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// How long, and for how much, a connection is read on after a refusal.
const (
	lingerTime  = 10 * time.Second
	lingerBytes = 64 << 20
)

// Patient makes the connections of a listener hold on when somebody is refused
// in the middle of sending. Closed at once, the system would answer what still
// comes in with a reset, which takes the refusal away from whoever has not read
// it yet: browsers and programs would see a broken connection instead of why
// (RFC 9112, 9.6).
func Patient(l net.Listener) net.Listener { return patient{l} }

type patient struct{ net.Listener }

// Accept implements net.Listener.
func (p patient) Accept() (net.Conn, error) {
	c, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		return &connection{TCPConn: tcp}, nil
	}
	return c, nil
}

// connection closes in two steps when its client may still be sending.
type connection struct {
	*net.TCPConn
	sending atomic.Bool
}

// Close implements net.Conn.
func (c *connection) Close() error {
	if !c.sending.Load() || c.CloseWrite() != nil {
		return c.TCPConn.Close()
	}
	end := time.AfterFunc(lingerTime, c.end)
	go func() {
		defer end.Stop()
		_, _ = io.CopyN(io.Discard, c.TCPConn, lingerBytes) // ends with the client, or by the timer
		c.end()
	}()
	return nil
}

func (c *connection) end() { _ = c.TCPConn.Close() } // the answer was sent; nobody is left to be told

// Leave closes the connection after the answer, though not all of the request
// was read.
func Leave(ctx *fasthttp.RequestCtx) {
	ctx.SetConnectionClose()
	if c, ok := ctx.Conn().(*connection); ok {
		c.sending.Store(true)
	}
}
