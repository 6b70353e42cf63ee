#!/usr/bin/env python3
"""MPI hello without a compiler: python3 is in every image, libmpi is called by its C names.

    srun --mpi=pmix -N2 python3 mpi-hello.py

Every rank prints `rank R of N on HOST, sum S`, where S is the sum of all ranks, added up by MPI_Allreduce: ranks that
could not reach each other, or that each think they are alone, print something else or nothing.
"""
import ctypes
import socket

mpi = ctypes.CDLL("libmpi.so.40", mode=ctypes.RTLD_GLOBAL)


def handle(name):
    """Open MPI's predefined objects are addresses of symbols (mpi.h: OMPI_PREDEFINED_GLOBAL)."""
    return ctypes.c_void_p(ctypes.addressof(ctypes.c_char.in_dll(mpi, name)))


def call(name, *args):
    code = getattr(mpi, name)(*args)
    if code != 0:
        raise SystemExit(f"{name} failed with {code}")


world = handle("ompi_mpi_comm_world")
rank, size, total = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
call("MPI_Init", None, None)
call("MPI_Comm_rank", world, ctypes.byref(rank))
call("MPI_Comm_size", world, ctypes.byref(size))
call("MPI_Allreduce", ctypes.byref(rank), ctypes.byref(total), 1, handle("ompi_mpi_int"), handle("ompi_mpi_op_sum"), world)
print(f"rank {rank.value} of {size.value} on {socket.gethostname()}, sum {total.value}", flush=True)
call("MPI_Finalize")
