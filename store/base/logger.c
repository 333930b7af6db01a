/*
 * One write(2) an event, so that lines of several threads do not mix.
 * Thread: any.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/base/check.h"
#include "store/base/logger.h"

enum { LINE_MAX_BYTES = 1024 };

static const char *const level_names[] = {
	[LOGGER_ERROR] = "error",
	[LOGGER_WARNING] = "warning",
	[LOGGER_INFO] = "info",
	[LOGGER_DEBUG] = "debug",
};

static size_t put_time(char *line, size_t size)
{
	struct timespec now;
	struct tm tm;
	size_t len;
	int n;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &tm);
	len = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &tm);
	n = snprintf(line + len, size - len, ".%03ldZ ", now.tv_nsec / 1000000);
	CHECK(n > 0 && (size_t)n < size - len);
	return len + (size_t)n;
}

void logger_event(const struct logger *logger, enum logger_level level,
		  const char *event, const char *format, ...)
{
	char line[LINE_MAX_BYTES + 1];
	va_list args;
	size_t len;
	size_t i;
	ssize_t written;
	int n;

	if (logger->fd < 0 || level > logger->level) {
		return;
	}
	len = put_time(line, LINE_MAX_BYTES);
	n = snprintf(line + len, LINE_MAX_BYTES - len, "%s %s ",
		     level_names[level], event);
	CHECK(n > 0 && (size_t)n < LINE_MAX_BYTES - len);
	len += (size_t)n;
	va_start(args, format);
	n = vsnprintf(line + len, LINE_MAX_BYTES - len, format, args);
	va_end(args);
	if (n > 0) {
		len += (size_t)n;
	}
	if (len > LINE_MAX_BYTES - 1) {
		len = LINE_MAX_BYTES - 1;
	}
	for (i = 0; i < len; i++) {
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f) {
			line[i] = '?';
		}
	}
	line[len++] = '\n';
	/* A full or closed log must not stop the node. */
	written = write(logger->fd, line, len);
	(void)written;
}

int logger_level_parse(const char *name, enum logger_level *out)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(level_names); i++) {
		if (strcmp(name, level_names[i]) == 0) {
			*out = (enum logger_level)i;
			return 0;
		}
	}
	return -EINVAL;
}
