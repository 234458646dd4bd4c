package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"inzage/services/document"
	"inzage/services/fault"
)

// Server errors that say that the primary is away or stepping down, or that a
// limit of time was reached (MongoDB's error_codes.yml).
var awayCodes = []int{6, 7, 50, 64, 89, 91, 100, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436}

// trouble turns a server that cannot be reached or cannot confirm into
// document.ErrBusy with its cause, and leaves other errors as they are. The
// end of the caller's own context stays what it is.
func trouble(err error) error {
	var refusal *fault.Error
	switch {
	case err == nil || errors.As(err, &refusal):
		return err
	case errors.Is(err, context.Canceled):
		return err
	case isAway(err):
		return document.ErrBusy.Because(err)
	}
	return err
}

func isAway(err error) bool {
	var selection topology.ServerSelectionError
	// Those who waited for the connection that broke; the driver labels only its user's error.
	var cleared driver.RetryablePoolError
	if errors.As(err, &selection) || errors.As(err, &cleared) || mongo.IsNetworkError(err) || mongo.IsTimeout(err) ||
		errors.Is(err, mongo.ErrClientDisconnected) {
		return true
	}
	var server mongo.ServerError
	if !errors.As(err, &server) {
		return false
	}
	for _, code := range awayCodes {
		if server.HasErrorCode(code) {
			return true
		}
	}
	return false
}
