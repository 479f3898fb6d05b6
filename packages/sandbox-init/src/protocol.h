/* The numbers of PROTOCOL.md, and the bounds inside init. Everything here is fixed when init is compiled. */
#ifndef FUMEHOOD_PROTOCOL_H
#define FUMEHOOD_PROTOCOL_H

enum {
    PROTOCOL_VERSION = 1,
    FRAME_HEADER_BYTES = 8,
    FRAME_PAYLOAD_MAX = 65536,
    FLAG_MORE = 1,

    STDIN_WINDOW_BYTES = 262144,
    OUTPUT_WAITING_MAX = 262144,
    EXEC_BYTES_MAX = 1048576,
    ARGV_MAX = 1024,
    ENV_MAX = 1024,

    PATH_BYTES_MAX = 1024,
    PATH_DEPTH_MAX = 32,
    NAME_BYTES_MAX = 255,
    PATTERNS_MAX = 256,
    SKIPPED_FRAMES_MAX = 1000,
};

enum worker_frame {
    WORKER_HELLO = 0x01,
    WORKER_FILE = 0x02,
    WORKER_FILE_DATA = 0x03,
    WORKER_EXEC = 0x04,
    WORKER_STDIN = 0x05,
    WORKER_STDIN_END = 0x06,
    WORKER_KILL = 0x07,
    WORKER_COLLECT = 0x08,
};

enum init_frame {
    INIT_HELLO = 0x81,
    INIT_READY = 0x82,
    INIT_STARTED = 0x83,
    INIT_STDOUT = 0x84,
    INIT_STDERR = 0x85,
    INIT_STDIN_CREDIT = 0x86,
    INIT_EXIT = 0x87,
    INIT_ARTIFACT = 0x88,
    INIT_ARTIFACT_DATA = 0x89,
    INIT_ARTIFACT_SKIPPED = 0x8a,
    INIT_COLLECTED = 0x8b,
    INIT_ERROR = 0x8f,
};

enum error_code {
    ERROR_PROTOCOL = 1,
    ERROR_WORKSPACE = 2,
    ERROR_FILE = 3,
    ERROR_EXEC = 4,
    ERROR_RESOURCES = 5,
};

enum command_kind { KIND_COMPILE = 0, KIND_RUN = 1 };

enum skip_reason {
    SKIP_NOT_REGULAR = 0,
    SKIP_LINK = 1,
    SKIP_COUNT_LIMIT = 2,
    SKIP_BYTES_LIMIT = 3,
    SKIP_PATH = 4,
    SKIP_CHANGED = 5,
    SKIP_UNREADABLE = 6,
};

#endif
