#!/bin/sh
echo down
