//! The HTTP gateway: viewers in, grants or problems out.
