/*
 * Stands between a process and the C library: fails chosen calls to the file system, and moves the wall clock
 * (threats 23, T-DUR-04 to T-DUR-06). Preloaded into the processes of a test by `file-faults.ts`.
 *
 * The script, named by NATSUIN_FAULTS, is read again whenever another file lies there; a line each:
 *
 *   fail CALL PATH ERRNO FROM COUNT   the calls FROM, FROM + 1, … (COUNT of them, from 0) to CALL on paths with PATH in
 *                                     them fail. CALL is write, sync, truncate, open, rename, unlink, mkdir or any.
 *   clock MILLISECONDS                the wall clock is that much ahead (or behind, if negative)
 *
 * Each process counts for itself. Each call that was made to fail leaves a line in the file of the script's name with `.log`.
 *
 * A process of ours does not start with LD_PRELOAD set, against mistakes of operators; who loads this has taken the
 * variable away before the process looks.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MAX_RULES 16

struct rule {
  char call[16];
  char path[128];
  int error;
  long from, count, seen;
};

static struct rule rules[MAX_RULES];
static int rule_count;
static long clock_offset;
static struct stat script_read;
static char script[256];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("NATSUIN_FAULTS");
  if (name != NULL) snprintf(script, sizeof script, "%s", name);
  unsetenv("LD_PRELOAD");
}

static void read_line(const char *line) {
  struct rule rule = {0};
  if (sscanf(line, "clock %ld", &clock_offset) == 1) return;
  if (rule_count == MAX_RULES) return;
  if (sscanf(line, "fail %15s %127s %d %ld %ld", rule.call, rule.path, &rule.error, &rule.from, &rule.count) == 5)
    rules[rule_count++] = rule;
}

/* By system calls of its own: what it calls itself is not to be intercepted. */
static void read_script(void) {
  struct stat found;
  if (script[0] == 0 || stat(script, &found) != 0) return;
  if (found.st_ino == script_read.st_ino && found.st_mtim.tv_nsec == script_read.st_mtim.tv_nsec) return;
  char text[4096] = {0};
  int file = (int)syscall(SYS_openat, AT_FDCWD, script, O_RDONLY | O_CLOEXEC, 0);
  if (file < 0) return;
  long size = syscall(SYS_read, file, text, sizeof text - 1);
  syscall(SYS_close, file);
  if (size < 0) return;
  script_read = found;
  rule_count = 0;
  clock_offset = 0;
  char *rest = text, *line;
  while ((line = strsep(&rest, "\n")) != NULL) read_line(line);
}

static void note(const char *call, const char *path) {
  char name[300], line[512];
  snprintf(name, sizeof name, "%s.log", script);
  int size = snprintf(line, sizeof line, "%s %s\n", call, path);
  int file = (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return;
  syscall(SYS_write, file, line, (size_t)size);
  syscall(SYS_close, file);
}

/* Whether this call fails, with errno set. */
static int fails(const char *call, const char *path) {
  int error = 0;
  pthread_mutex_lock(&lock);
  read_script();
  for (int i = 0; i < rule_count && error == 0; i++) {
    struct rule *rule = &rules[i];
    if (strcmp(rule->call, "any") != 0 && strcmp(rule->call, call) != 0) continue;
    if (strstr(path, rule->path) == NULL) continue;
    long index = rule->seen++;
    if (index >= rule->from && index < rule->from + rule->count) error = rule->error;
  }
  if (error != 0) note(call, path);
  pthread_mutex_unlock(&lock);
  if (error != 0) errno = error;
  return error != 0;
}

static int fails_on(const char *call, int file) {
  char link[64], path[512] = {0};
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  if (readlink(link, path, sizeof path - 1) <= 0 || path[0] != '/') return 0;
  return fails(call, path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *bytes, size_t size) {
  return fails_on("write", file) ? -1 : REAL(write)(file, bytes, size);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) {
  return fails_on("write", file) ? -1 : REAL(pwrite64)(file, bytes, size, at);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  return fails_on("write", file) ? -1 : REAL(writev)(file, parts, count);
}

int fsync(int file) { return fails_on("sync", file) ? -1 : REAL(fsync)(file); }

int fdatasync(int file) { return fails_on("sync", file) ? -1 : REAL(fdatasync)(file); }

int ftruncate64(int file, off64_t size) { return fails_on("truncate", file) ? -1 : REAL(ftruncate64)(file, size); }

int rename(const char *from, const char *to) { return fails("rename", to) ? -1 : REAL(rename)(from, to); }

int unlink(const char *path) { return fails("unlink", path) ? -1 : REAL(unlink)(path); }

int mkdir(const char *path, mode_t mode) { return fails("mkdir", path) ? -1 : REAL(mkdir)(path, mode); }

static int opened(const char *path, int flags, mode_t mode) {
  if ((flags & O_ACCMODE) != O_RDONLY && fails("open", path)) return -1;
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
  return file;
}

static mode_t mode_in(int flags, va_list more) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; }

int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = mode_in(flags, more);
  va_end(more);
  return opened(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = mode_in(flags, more);
  va_end(more);
  return opened(path, flags, mode);
}

static long offset_now(void) {
  pthread_mutex_lock(&lock);
  read_script();
  long offset = clock_offset;
  pthread_mutex_unlock(&lock);
  return offset;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = (int)syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && clock == CLOCK_REALTIME) {
    long offset = offset_now();
    now->tv_sec += offset / 1000;
    now->tv_nsec += offset % 1000 * 1000000;
    if (now->tv_nsec < 0) now->tv_nsec += 1000000000, now->tv_sec--;
    if (now->tv_nsec >= 1000000000) now->tv_nsec -= 1000000000, now->tv_sec++;
  }
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec fine;
  if (clock_gettime(CLOCK_REALTIME, &fine) != 0) return -1;
  now->tv_sec = fine.tv_sec;
  now->tv_usec = fine.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *now) {
  struct timespec fine;
  if (clock_gettime(CLOCK_REALTIME, &fine) != 0) return -1;
  if (now != NULL) *now = fine.tv_sec;
  return fine.tv_sec;
}
