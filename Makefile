# foregone: one Makefile, not recursive. `make help` lists the targets; every variable below can be overridden.
CC       ?= cc
CFLAGS   ?= -O2 -g
PREFIX   ?= /usr/local
PYTHON   ?= python3
BUILD    ?= build
VERSION  := 0.1.0
TABLES   ?= curvefit

# --- dependencies -------------------------------------------------------------------------------
PACKAGES := gsl libuv jansson sqlite3 libpcre2-8 zlib libzstd
APT_gsl := libgsl-dev
APT_libuv := libuv1-dev
APT_jansson := libjansson-dev
APT_sqlite3 := libsqlite3-dev
APT_libpcre2-8 := libpcre2-dev
APT_zlib := zlib1g-dev
APT_libzstd := libzstd-dev
APT_ALL  := build-essential pkg-config $(foreach p,$(PACKAGES),$(APT_$(p)))
NO_BUILD := help deps clean demo test uninstall
ifneq ($(filter-out $(NO_BUILD),$(or $(MAKECMDGOALS),all)),)
  ifeq ($(shell command -v pkg-config),)
    $(error pkg-config is missing. Run: sudo apt-get install $(APT_ALL)   (or: make deps))
  endif
  MISSING := $(foreach p,$(PACKAGES),$(if $(shell pkg-config --exists $(p) && echo y),,$(p)))
  ifneq ($(strip $(MISSING)),)
    $(error missing: $(MISSING). Run: sudo apt-get install $(foreach p,$(MISSING),$(APT_$(p)))   (or: make deps))
  endif
  DEP_CFLAGS := $(shell pkg-config --cflags $(PACKAGES))
  DEP_LIBS   := $(shell pkg-config --libs $(PACKAGES))
  CF_LIBS    := $(shell pkg-config --libs gsl)
endif

# --- sources: found, never listed ------------------------------------------------------------------
LEARNED  := network_alone.c network_siblings.c calibration.c# from TABLES: others than the committed ones, see curvefit/learn
CF_SRC   := $(filter-out $(LEARNED:%=curvefit/%),$(wildcard curvefit/*.c))
SC_SRC   := $(filter-out sidecar/main.c,$(wildcard sidecar/*.c sidecar/*/*.c))
UNIT_SRC := $(wildcard tests/unit/test_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC:= $(wildcard bench/bench_*.c)
CPPFLAGS += -D_GNU_SOURCE -DFOREGONE_VERSION='"$(VERSION)"' -Icurvefit -Isidecar
BASE     := -std=c11 -fPIC -ffp-contract=off -Wall -Wextra $(WERROR)
COMPILE   = $(CC) $(CPPFLAGS) $(BASE) $(CFLAGS) $(DEP_CFLAGS) -MMD -MP -c

CF_OBJ   := $(CF_SRC:%.c=$(BUILD)/%.o) $(LEARNED:%.c=$(BUILD)/tables/%.o)
SC_OBJ   := $(SC_SRC:%.c=$(BUILD)/%.o)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/unit/%)
BENCH_BIN:= $(BENCH_SRC:bench/%.c=$(BUILD)/bench/%)

.PHONY: all demo test quicktest unit asan fuzz bench learn priors install uninstall deps help clean
.SECONDARY:

all: foregone libcurvefit.a libcurvefit.so  ## build the command and the library

foregone: $(BUILD)/foregone
	cp -f $< $@
libcurvefit.a: $(BUILD)/libcurvefit.a
	cp -f $< $@
libcurvefit.so: $(BUILD)/libcurvefit.so
	cp -f $< $@

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(COMPILE) $< -o $@
$(BUILD)/tables/%.o: $(TABLES)/%.c
	@mkdir -p $(@D)
	$(COMPILE) $< -o $@
$(BUILD)/libcurvefit.a: $(CF_OBJ)
	rm -f $@ && ar rcs $@ $^
$(BUILD)/libcurvefit.so: $(CF_OBJ)
	$(CC) -shared -Wl,-soname,libcurvefit.so.0 $(CFLAGS) $(LDFLAGS) $^ -o $@ $(CF_LIBS) -lm
$(BUILD)/foregone: $(BUILD)/sidecar/main.o $(SC_OBJ) $(BUILD)/libcurvefit.a
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(DEP_LIBS) -lm
$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(SC_OBJ) $(BUILD)/libcurvefit.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(DEP_LIBS) -lm
$(BUILD)/bench/%: $(BUILD)/bench/%.o $(SC_OBJ) $(BUILD)/libcurvefit.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(DEP_LIBS) -lm

unit: $(UNIT_BIN)  ## build the unit tests
asan:  ## build everything with AddressSanitizer and UBSan under build/asan
	$(MAKE) BUILD=$(BUILD)/asan CFLAGS="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer" WERROR=-Werror $(BUILD)/asan/foregone unit
fuzz:  ## build the libFuzzer harnesses (needs clang): build/fuzz/fuzz_reader -dict=tests/fuzz/reader.dict DIR
	$(MAKE) CC=clang BUILD=$(BUILD)/fuzz CFLAGS="-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined" fuzzers
.PHONY: fuzzers
fuzzers: $(FUZZ_SRC:tests/fuzz/%.c=$(BUILD)/%)
$(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(SC_OBJ) $(BUILD)/libcurvefit.a
	$(CC) -fsanitize=fuzzer,address,undefined $^ -o $@ $(DEP_LIBS) -lm
bench: all $(BENCH_BIN)  ## speed, side by side with other programs (bench/README.md)
	bench/run
learn: all  ## relearn the compiled-in tables from recorded curves: make learn DATA=DIR (curvefit/learn/README.md)
	$(MAKE) priors && $(MAKE) all
	$(PYTHON) curvefit/learn/learn.py $(DATA)
priors: $(BUILD)/learn/priors  ## relearn only the ensemble's priors: make priors DATA=DIR (needs NLopt: tests/deps learn)
	$< --folds 2 $$(find $(DATA) -name '*.jsonl' -o -name '*.jsonl.gz' | sort)
$(BUILD)/learn/priors: $(BUILD)/curvefit/learn/priors.o $(BUILD)/libcurvefit.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(DEP_LIBS) -lnlopt -lm
test:  ## everything: installs what it needs, builds, runs all tests
	tests/run
quicktest: all unit  ## unit tests and layer checks only, in seconds
	tests/run --quick
demo:  ## the main job: a real fine-tuning sweep, wrapped, forecast and cut short
	demo/run
deps:  ## install the build dependencies (Debian or Ubuntu)
	tests/deps build

install: all  ## install under PREFIX (default /usr/local), honours DESTDIR
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m755 foregone $(DESTDIR)$(PREFIX)/bin/
	install -m644 libcurvefit.a $(DESTDIR)$(PREFIX)/lib/
	install -m755 libcurvefit.so $(DESTDIR)$(PREFIX)/lib/libcurvefit.so.0
	ln -sf libcurvefit.so.0 $(DESTDIR)$(PREFIX)/lib/libcurvefit.so
	install -m644 curvefit/curvefit.h $(DESTDIR)$(PREFIX)/include/
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' curvefit/curvefit.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/curvefit.pc
	install -m644 docs/foregone.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m644 docs/completion.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/foregone
uninstall:  ## remove what install put there
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/foregone lib/libcurvefit.a lib/libcurvefit.so lib/libcurvefit.so.0 include/curvefit.h lib/pkgconfig/curvefit.pc share/man/man1/foregone.1 share/bash-completion/completions/foregone)
help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
clean:  ## remove what was built
	rm -rf $(BUILD) foregone libcurvefit.a libcurvefit.so

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
