/* Preloaded into Python: lets one operation on files below a directory go wrong. Armed and read by operations.py.
 *
 * Operations are counted from arm() on; the k-th one kills the process (error 0), stops it until it is told to go on
 * (error -1), or fails with an error number; with `lasting` so does every later one: what is full stays full. To kill and
 * to stop only those count that change something, since between them all stays the same; for ENOSPC those that may need
 * room. A sync is counted and left out: a
 * process that dies loses nothing that the kernel has, and the disk is spared.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *root;
static int error, lasting, report;
static long left;

void arm(const char *directory, int number, int lasts, long k, int to) {
    root = strdup(directory), error = number, lasting = lasts, left = k, report = to;
}

enum { READS, CHANGES, NEEDS_ROOM };

/* Tell whether the operation is to fail. */
static int fails(const char *name, int kind, int fd, const char *path) {
    char where[9000], link[64];
    ssize_t length = 0;
    int before = errno;
    if (!left || kind < (error == ENOSPC ? NEEDS_ROOM : error > 0 ? READS : CHANGES))
        return 0;
    if (!path || path[0] != '/') {
        snprintf(link, sizeof link, fd == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", fd);
        length = readlink(link, where, 4096);
        if (length < 0) length = 0;
    }
    snprintf(where + length, 4096, "%s%s", length && path ? "/" : "", path ? path : "");
    errno = before;
    if (strncmp(where, root, strlen(root)) || --left)
        return 0;
    dprintf(report, "%s %s\n", name, where);
    left = lasting;
    if (!error)
        kill(getpid(), SIGKILL);
    if (error < 0)
        return recv(report, where, 1, 0) < 0;
    errno = error;
    return 1;
}

/* A function of the C library, by both its names: with 64-bit offsets there is only one. */
#define WRAP(type, name, bad, kind, fd, path, params, args) \
    type name params { \
        static type(*real) params; \
        if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name); \
        return fails(#name, kind, fd, path) ? bad : real args; \
    }
#define WRAP64(type, name, bad, kind, fd, path, params, args) \
    WRAP(type, name, bad, kind, fd, path, params, args) WRAP(type, name##64, bad, kind, fd, path, params, args)

#define OPEN(name, fd, params, args) \
    int name params { \
        static int (*real)(int, const char *, int, ...); \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        if (!real) *(void **)&real = dlsym(RTLD_NEXT, "openat"); \
        return fails(#name, flags & O_CREAT ? NEEDS_ROOM : READS, fd, path) ? -1 : real(fd, path, flags, mode); \
    }
OPEN(open, AT_FDCWD, (const char *path, int flags, ...), )
OPEN(open64, AT_FDCWD, (const char *path, int flags, ...), )
OPEN(openat, fd, (int fd, const char *path, int flags, ...), )
OPEN(openat64, fd, (int fd, const char *path, int flags, ...), )

WRAP(ssize_t, read, -1, READS, fd, NULL, (int fd, void *to, size_t n), (fd, to, n))
WRAP64(ssize_t, pread, -1, READS, fd, NULL, (int fd, void *to, size_t n, off_t at), (fd, to, n, at))
WRAP(ssize_t, write, -1, NEEDS_ROOM, fd, NULL, (int fd, const void *from, size_t n), (fd, from, n))
WRAP64(ssize_t, pwrite, -1, NEEDS_ROOM, fd, NULL, (int fd, const void *from, size_t n, off_t at), (fd, from, n, at))
WRAP64(ssize_t, sendfile, -1, NEEDS_ROOM, fd, NULL, (int fd, int in, off_t *at, size_t n), (fd, in, at, n))
WRAP64(int, ftruncate, -1, NEEDS_ROOM, fd, NULL, (int fd, off_t n), (fd, n))
WRAP64(void *, mmap, MAP_FAILED, READS, fd, NULL, (void *at, size_t n, int prot, int flags, int fd, off_t from),
       (at, n, prot, flags, fd, from))
WRAP(int, stat64, -1, READS, AT_FDCWD, path, (const char *path, struct stat64 *to), (path, to))
WRAP(int, lstat64, -1, READS, AT_FDCWD, path, (const char *path, struct stat64 *to), (path, to))
WRAP(int, fstat64, -1, READS, fd, NULL, (int fd, struct stat64 *to), (fd, to))
WRAP(int, fstatat64, -1, READS, fd, path, (int fd, const char *path, struct stat64 *to, int flags), (fd, path, to, flags))
WRAP(int, rename, -1, NEEDS_ROOM, AT_FDCWD, to, (const char *path, const char *to), (path, to))
WRAP(int, link, -1, NEEDS_ROOM, AT_FDCWD, to, (const char *path, const char *to), (path, to))
WRAP(int, unlink, -1, CHANGES, AT_FDCWD, path, (const char *path), (path))
WRAP(int, unlinkat, -1, CHANGES, fd, path, (int fd, const char *path, int flags), (fd, path, flags))
WRAP(int, mkdir, -1, NEEDS_ROOM, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
WRAP(int, rmdir, -1, CHANGES, AT_FDCWD, path, (const char *path), (path))
WRAP(int, flock, -1, READS, fd, NULL, (int fd, int how), (fd, how))
WRAP(DIR *, opendir, NULL, READS, AT_FDCWD, path, (const char *path), (path))
WRAP(DIR *, fdopendir, NULL, READS, fd, NULL, (int fd), (fd))
WRAP(struct dirent64 *, readdir64, NULL, READS, dirfd(of), NULL, (DIR *of), (of))

int fsync(int fd) { return fails("fsync", NEEDS_ROOM, fd, NULL) ? -1 : 0; }
int fdatasync(int fd) { return fails("fdatasync", NEEDS_ROOM, fd, NULL) ? -1 : 0; }
