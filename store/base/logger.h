/*
 * The diagnostics log: one line an event, for people and their tools.
 *
 *   2026-11-24T01:30:00.123Z info leader-changed leader=n1 term=3
 *
 * Event names are stable, so that they may be searched for. Values of keys and
 * secrets are never logged. (cluster/log.h is another log: the replicated one.)
 */
#pragma once

enum logger_level {
	LOGGER_ERROR,
	LOGGER_WARNING,
	LOGGER_INFO,
	LOGGER_DEBUG,
};

/*
 * Where a node's events go. Copied by value; whoever made it keeps `fd` open
 * for as long as anybody may log. fd -1 discards everything.
 */
struct logger {
	int fd;
	enum logger_level level; /* Less important events are left out. */
};

/*
 * Writes one line. `event` is a fixed word-with-dashes; `format` makes the
 * key=value pairs and may be "". Control characters in it are replaced, the
 * line is cut at 1 KiB, an error of write(2) is ignored. Thread: any.
 */
void logger_event(const struct logger *logger, enum logger_level level,
		  const char *event, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * The level called `name` ("error", "warning", "info", "debug").
 * Errors: -EINVAL there is none of that name. Thread: any.
 */
int logger_level_parse(const char *name, enum logger_level *out);
