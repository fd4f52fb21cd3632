"""How JAX computes, on whatever device it finds."""

import os


def prepare():
    """Makes the same input give the same bits; to be called before anything is computed."""
    # A GPU adds in the same order each time; other devices know no other. JAX reads this when it starts.
    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_gpu_deterministic_ops" not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()
    import jax

    # Whole float32 products where the hardware would take fewer bits (TPUs, recent GPUs).
    jax.config.update("jax_default_matmul_precision", "highest")
