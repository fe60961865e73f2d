// The speed limit of the machine: a WebSocket broadcast server in C that does the bare minimum.
//
// For each frame that a client sends, everybody who connected with the same path is sent one prepared frame of 128
// bytes. It checks nothing, does not even answer the handshake's key, and ignores the content of frames. Pending data
// of a socket is written with one call per iteration of its loop.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAYLOAD = 128, FRAME = PAYLOAD + 4, REPEATED = 4096, MAX_FDS = 65536, EVENTS = 1024, HEADER = 8 };

static const char SWITCHING[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

struct client {
    char path[64];
    int open, group, waits_for_room, is_owed, header_size;
    size_t owed, offset, skip;  // in bytes: left to write; written of the current frame; left to skip of the client's frame
    unsigned char header[HEADER];
};

static struct client clients[MAX_FDS];
static int *members[MAX_FDS], sizes[MAX_FDS], groups;
static int owed_fds[MAX_FDS], owed_count, loop;
static char repeated[FRAME * REPEATED];

static void join(int fd, const char *path) {
    int group = 0;
    while (group < groups && strcmp(clients[members[group][0]].path, path)) group++;
    if (group == groups) groups++;
    members[group] = realloc(members[group], (sizes[group] + 1) * sizeof(int));
    members[group][sizes[group]++] = fd;
    clients[fd].group = group;
    clients[fd].open = 1;
}

// An empty group keeps its slot, since runs of this program are short.
static void leave(int fd) {
    struct client *client = &clients[fd];
    if (client->open)
        for (int i = 0, *fds = members[client->group]; i < sizes[client->group]; i++)
            if (fds[i] == fd && sizes[client->group] > 1) fds[i] = fds[--sizes[client->group]];
    client->open = client->owed = 0;
    close(fd);
}

static void owe(int group, size_t frames) {
    for (int i = 0; i < sizes[group]; i++) {
        struct client *client = &clients[members[group][i]];
        client->owed += frames * FRAME;
        if (client->is_owed || client->waits_for_room) continue;
        client->is_owed = 1;
        owed_fds[owed_count++] = members[group][i];
    }
}

static void settle(int fd) {
    struct client *client = &clients[fd];
    int waits = 0;
    while (client->open && client->owed) {
        size_t size = sizeof repeated - client->offset;
        ssize_t written = send(fd, repeated + client->offset, size < client->owed ? size : client->owed, MSG_NOSIGNAL);
        if (written < 0) { waits = errno == EAGAIN; break; }
        client->owed -= written;
        client->offset = (client->offset + written) % FRAME;
    }
    if (waits == client->waits_for_room) return;
    client->waits_for_room = waits;
    struct epoll_event event = {.events = waits ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.fd = fd};
    epoll_ctl(loop, EPOLL_CTL_MOD, fd, &event);
}

// How many frames begin in these bytes. A frame may arrive in pieces.
static size_t count_frames(struct client *client, const unsigned char *data, ssize_t size) {
    size_t frames = 0;
    for (ssize_t at = 0; at < size;) {
        if (client->skip) {
            size_t left = size - at, passed = client->skip < left ? client->skip : left;
            client->skip -= passed;
            at += passed;
            continue;
        }
        client->header[client->header_size++] = data[at++];
        int length = client->header[1] & 0x7f, needed = length == 126 ? 8 : 6;
        if (client->header_size < 2 || client->header_size < needed) continue;
        client->skip = length == 126 ? client->header[2] << 8 | client->header[3] : length;
        client->header_size = 0;
        frames++;
    }
    return frames;
}

static void hear(int fd) {
    static unsigned char data[1 << 16];
    struct client *client = &clients[fd];
    ssize_t size = recv(fd, data, sizeof data - 1, 0);
    if (size <= 0) { leave(fd); return; }
    if (client->open) {
        size_t frames = count_frames(client, data, size);
        if (frames) owe(client->group, frames);
        return;
    }
    data[size] = 0;
    sscanf((char *)data, "GET %63s", client->path);
    join(fd, client->path);
    send(fd, SWITCHING, sizeof SWITCHING - 1, MSG_NOSIGNAL);
}

static void greet(int listener) {
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        memset(&clients[fd], 0, sizeof clients[fd]);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
    }
}

int main(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max < MAX_FDS ? files.rlim_max : MAX_FDS;
    setrlimit(RLIMIT_NOFILE, &files);
    for (int i = 0; i < REPEATED; i++) {
        memcpy(repeated + i * FRAME, "\x81\x7e\x00\x80", 4);
        memset(repeated + i * FRAME + 4, 'x', PAYLOAD);
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1024)) return 1;
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("listening on %d\n", ntohs(address.sin_port));
    fflush(stdout);
    loop = epoll_create1(0);
    struct epoll_event events[EVENTS], event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(loop, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(loop, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listener) { greet(listener); continue; }
            if (events[i].events & EPOLLOUT) settle(events[i].data.fd);
            if (events[i].events & ~EPOLLOUT) hear(events[i].data.fd);
        }
        for (int i = 0; i < owed_count; i++) {
            clients[owed_fds[i]].is_owed = 0;
            settle(owed_fds[i]);
        }
        owed_count = 0;
    }
}
