# SPDX-License-Identifier: MIT
"""The heap in the browser: a Flask application that answers questions about reels through the engine's SQL functions.

It passes rows and blobs on. What a figure means, and how it is computed, is the engine's.
"""
