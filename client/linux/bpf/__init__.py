"""The data plane's programs in the kernel: their source, the compiled object, and what loads and attaches them."""
