package handlertest

import (
	"io"
	"net/http"
)

// Ask sends a request without a body, with these headers, and gives the answer
// as it came; its body is in the text.
func (c *Client) Ask(method, path string, headers map[string]string) (*http.Response, string) {
	c.T.Helper()
	req, err := http.NewRequestWithContext(c.T.Context(), method, c.World.BaseURL+path, nil)
	if err != nil {
		c.T.Fatalf("%s %s: %v", method, path, err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		c.T.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		c.T.Fatalf("%s %s: read: %v", method, path, err)
	}
	return res, string(data)
}
