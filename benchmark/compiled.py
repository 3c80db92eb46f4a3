"""Runs a PyTorch program with every network compiled by torch.compile:  compiled.py PEER.py [OPTIONS]

A network is compiled when it is first called, so that the program needs no change; the modules inside of it are part of its
graph. In each mode it is compiled for the shape that comes first: the smaller last batch of an epoch is computed as
before, so that nothing is compiled again while epochs are counted. Needs a C++ compiler.
"""
import os, runpy, sys
import torch

inside = False


def call(network, *inputs, **options):
    global inside
    if inside or torch.compiler.is_compiling():
        return network._call_impl(*inputs, **options)
    mode = network.training, torch.is_grad_enabled()
    shapes = network.__dict__.setdefault("compiled_for", {})
    if network._compiled_call_impl is None:
        network.compile(dynamic=False)
    inside = True
    try:
        if inputs[0].shape == shapes.setdefault(mode, inputs[0].shape):
            return network._compiled_call_impl(*inputs, **options)
        return network._call_impl(*inputs, **options)
    finally:
        inside = False


torch.nn.Module.__call__ = call
sys.argv = sys.argv[1:]
sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name="__main__")
