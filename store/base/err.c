/*
 * Filling a struct err. Thread: any.
 */
#include <stdarg.h>
#include <stdio.h>

#include "store/base/err.h"

void err_set(struct err *err, enum err_exit exit_status, const char *format,
	     ...)
{
	va_list args;

	if (err == NULL) {
		return;
	}
	err->exit_status = exit_status;
	va_start(args, format);
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
}
