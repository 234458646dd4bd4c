package store

import (
	"reflect"
	"time"
)

// rounder rounds every time inside a value of one type to UTC milliseconds, in
// place: what is stored must come back equal from every engine, and hash alike.
type rounder func(v reflect.Value)

// rounderOf returns nil when there is no time inside the type.
func rounderOf(t reflect.Type) rounder { return rounders{}.of(t) }

type rounders map[reflect.Type]*lazy

// lazy breaks the circle of types that contain themselves.
type lazy struct{ fn rounder }

func (m rounders) of(t reflect.Type) rounder {
	if t == timeType {
		return roundTime
	}
	if l, ok := m[t]; ok {
		return func(v reflect.Value) {
			if l.fn != nil {
				l.fn(v)
			}
		}
	}
	l := &lazy{}
	m[t] = l
	l.fn = m.build(t)
	if l.fn == nil {
		delete(m, t)
	}
	return l.fn
}

func roundTime(v reflect.Value) {
	t, ok := v.Interface().(time.Time)
	if ok && v.CanSet() {
		v.Set(reflect.ValueOf(t.UTC().Truncate(time.Millisecond)))
	}
}

func (m rounders) build(t reflect.Type) rounder {
	switch t.Kind() {
	case reflect.Struct:
		return m.structOf(t)
	case reflect.Pointer:
		return m.pointerTo(t)
	case reflect.Slice, reflect.Array:
		return m.listOf(t)
	case reflect.Map:
		return m.mapOf(t)
	}
	return nil
}

func (m rounders) structOf(t reflect.Type) rounder {
	type part struct {
		index int
		round rounder
	}
	var parts []part
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		if r := m.of(f.Type); r != nil {
			parts = append(parts, part{i, r})
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return func(v reflect.Value) {
		for _, p := range parts {
			p.round(v.Field(p.index))
		}
	}
}

func (m rounders) pointerTo(t reflect.Type) rounder {
	r := m.of(t.Elem())
	if r == nil {
		return nil
	}
	return func(v reflect.Value) {
		if !v.IsNil() {
			r(v.Elem())
		}
	}
}

func (m rounders) listOf(t reflect.Type) rounder {
	r := m.of(t.Elem())
	if r == nil {
		return nil
	}
	return func(v reflect.Value) {
		for i := range v.Len() {
			r(v.Index(i))
		}
	}
}

func (m rounders) mapOf(t reflect.Type) rounder {
	r := m.of(t.Elem())
	if r == nil {
		return nil
	}
	return func(v reflect.Value) {
		for _, k := range v.MapKeys() {
			e := reflect.New(t.Elem()).Elem()
			e.Set(v.MapIndex(k))
			r(e)
			v.SetMapIndex(k, e)
		}
	}
}
