package document

import (
	"time"

	"inzage/services/fault"
)

// The refusals every collection gives, on every engine.
var (
	ErrNotFound = fault.New(fault.NotFound, "This was not found. It may have been removed, or it is not yours to see.")
	ErrTaken    = fault.New(fault.Conflict, "This already exists.")
	ErrCursor   = fault.New(fault.Invalid, "This page of the list cannot be shown. Start again at the first page.")
	ErrBusy     = fault.New(fault.Unavailable, "The portal cannot reach its data at the moment. Nothing was changed. Please try again in a minute.").After(time.Minute)
)
