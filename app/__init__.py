"""Tandem: the PMO back end of an agency in which every project is ridden by two."""

VERSION = "0.1.0"
