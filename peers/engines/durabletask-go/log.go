package main

import (
	"log"
	"os"
)

// logger keeps the engine's warnings and errors, and its chatter (a line for every turn) only when asked.
type logger struct {
	out     *log.Logger
	verbose bool
}

func newLogger(chosen settings) *logger {
	return &logger{out: log.New(os.Stderr, "", log.LstdFlags), verbose: chosen.verbose}
}

func (l *logger) Debug(v ...any)                 { l.chat("debug", v...) }
func (l *logger) Debugf(format string, v ...any) { l.chatf("debug", format, v...) }
func (l *logger) Info(v ...any)                  { l.chat("info", v...) }
func (l *logger) Infof(format string, v ...any)  { l.chatf("info", format, v...) }
func (l *logger) Warn(v ...any)                  { l.out.Println(append([]any{"warning:"}, v...)...) }
func (l *logger) Warnf(format string, v ...any)  { l.out.Printf("warning: "+format, v...) }
func (l *logger) Error(v ...any)                 { l.out.Println(append([]any{"error:"}, v...)...) }
func (l *logger) Errorf(format string, v ...any) { l.out.Printf("error: "+format, v...) }

func (l *logger) chat(level string, v ...any) {
	if l.verbose {
		l.out.Println(append([]any{level + ":"}, v...)...)
	}
}

func (l *logger) chatf(level, format string, v ...any) {
	if l.verbose {
		l.out.Printf(level+": "+format, v...)
	}
}
