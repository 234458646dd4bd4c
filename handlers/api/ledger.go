package api

func (a *API) mountLedger() {}
